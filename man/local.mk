# SPDX-License-Identifier: ISC
dist_man_MANS += man/gazetted.conf.5 man/gazette-query.7
dist_man_MANS += man/gazette.1
dist_man_MANS += man/gazetted-socket.7
dist_man_MANS += man/gazetted.8
dist_man_MANS += man/gazetted-dedup.7
dist_man_MANS += man/gazetted-polling.7
dist_man_MANS += man/gazetted-feeds.7
