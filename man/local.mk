# SPDX-License-Identifier: ISC
dist_man_MANS += man/gazetted-socket.7
