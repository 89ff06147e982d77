# SPDX-License-Identifier: ISC
# org.NAME.varlink files -> C strings; the last part of NAME names the variable.
BEGIN { print "#include \"wire/wire.h\"" }
FNR == 1 {
	if (NR > 1) print "\t;"
	n = split(FILENAME, part, "/"); split(part[n], name, ".")
	print "\nconst char wire_interface_" (name[2] == "varlink" ? "service" : name[2]) "[] ="
}
FNR == 1 && /SPDX/ { next }
{ gsub(/\\/, "&&"); gsub(/"/, "\\\""); print "\t\"" $0 "\\n\"" }
END { print "\t;" }
