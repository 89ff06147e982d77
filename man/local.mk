# SPDX-License-Identifier: ISC
dist_man_MANS += man/gazetted.conf.5 man/gazette-query.7
