dnl SPDX-License-Identifier: ISC
dnl Probe compiler and linker flags one by one, into our own variables.

AC_DEFUN([GZ_CFLAGS], [
for gz_flag in $1; do
	gz_save=$CFLAGS
	CFLAGS="$CFLAGS -Werror $gz_flag"
	AC_MSG_CHECKING([whether $CC takes $gz_flag])
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
		[AC_MSG_RESULT([yes]); GAZETTED_CFLAGS="$GAZETTED_CFLAGS $gz_flag"],
		[AC_MSG_RESULT([no])])
	CFLAGS=$gz_save
done])

AC_DEFUN([GZ_LDFLAGS], [
for gz_flag in $1; do
	gz_save=$LDFLAGS
	gz_csave=$CFLAGS
	LDFLAGS="$LDFLAGS $GAZETTED_LDFLAGS $gz_flag"
	CFLAGS="$CFLAGS $GAZETTED_CFLAGS -Werror"
	AC_MSG_CHECKING([whether the linker takes $gz_flag])
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
		[AC_MSG_RESULT([yes]); GAZETTED_LDFLAGS="$GAZETTED_LDFLAGS $gz_flag"],
		[AC_MSG_RESULT([no])])
	LDFLAGS=$gz_save
	CFLAGS=$gz_csave
done])

dnl _FORTIFY_SOURCE needs an optimising build, and some compilers set it already.
AC_DEFUN([GZ_FORTIFY], [
for gz_level in 3 2; do
	gz_save=$CFLAGS
	CFLAGS="$CFLAGS -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$gz_level"
	AC_MSG_CHECKING([whether _FORTIFY_SOURCE=$gz_level works])
	gz_works=no
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [])], [gz_works=yes])
	AC_MSG_RESULT([$gz_works])
	CFLAGS=$gz_save
	if test $gz_works = yes; then
		GAZETTED_CFLAGS="$GAZETTED_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$gz_level"
		break
	fi
done])
