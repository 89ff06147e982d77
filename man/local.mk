# SPDX-License-Identifier: ISC
dist_man_MANS += man/gazette.1
