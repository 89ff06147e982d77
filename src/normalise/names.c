/* SPDX-License-Identifier: ISC */
#include "normalise/names.h"

#include <string.h>

#include "base/clock.h"

/* Each row is one month, in all languages: nominative and genitive.  A new language
 * is one word more in each row, written as unicode_fold writes it. */
static const char *const months[12] = {
    " january januar januari janvier gennaio enero janeiro январь января styczen "
    "stycznia ιανουαριος ιανουαριου tammikuu leden ledna ocak ianuarie січень січня "
    "януари gener ",
    " february februar februari fevrier febbraio febrero fevereiro февраль февраля "
    "luty lutego φεβρουαριος φεβρουαριου helmikuu unor unora subat februarie лютии "
    "лютого февруари febrer ",
    " march marz maerz mars marzo marco март марта marzec marca maart mrt μαρτιος "
    "μαρτιου marcius marts maaliskuu brezen brezna mart martie березень березня "
    "marc "
    "maret ",
    " april avril aprile abril апрель апреля kwiecien kwietnia απριλιος απριλιου "
    "aprilis huhtikuu duben dubna nisan aprilie квітень квітня април ",
    " may mai maggio mayo maio маи мая maj maja mei μαιος μαιου majus toukokuu "
    "kveten "
    "kvetna mayıs mayis травень травня maig ",
    " june juni juin giugno junio junho июнь июня czerwiec czerwca ιουνιος ιουνιου "
    "junius kesakuu cerven cervna haziran iunie червень червня юни juny ",
    " july juli juillet luglio julio julho июль июля lipiec lipca ιουλιος ιουλιου "
    "julius heinakuu cervenec cervence temmuz iulie липень липня юли juliol ",
    " august aout agosto август августа sierpien sierpnia augustus αυγουστος "
    "αυγουστου "
    "augusztus augusti elokuu srpen srpna agustos серпень серпня agost ",
    " september septembre settembre septiembre setiembre setembro сентябрь сентября "
    "wrzesien wrzesnia σεπτεμβριος σεπτεμβριου szeptember syyskuu zari "
    "eylul septembrie вересень вересня септември setembre ",
    " october oktober octobre ottobre octubre outubro октябрь октября pazdziernik "
    "pazdziernika οκτωβριος οκτωβριου lokakuu rijen rijna ekim octombrie жовтень "
    "жовтня "
    "октомври ",
    " november novembre noviembre novembro ноябрь ноября listopad listopada "
    "listopadu "
    "νοεμβριος νοεμβριου marraskuu kasım kasim noiembrie листопад листопада "
    "ноември ",
    " december dezember decembre dicembre diciembre dezembro декабрь декабря "
    "grudzien "
    "grudnia δεκεμβριος δεκεμβριου joulukuu desember prosinec prosince aralık "
    "aralik "
    "decembrie грудень грудня декември desembre ",
};

static const char *const weekdays[7] = {" sunday ", " monday ", " tuesday ",
    " wednesday ", " thursday ", " friday ", " saturday "};

static const char fillers[] = " at um de del of the den le el il la las alle ore "
			      "uhr kl klo on o a t в г год года "
			      "roku st nd rd th er em as ";

/* Whether a word of the list starts with `name`.  `whole`: is it. */
static bool
has_word(const char *words, const char *name, size_t size, bool whole)
{
	const char *at;

	if (size == 0)
		return false;
	for (at = words; at[1] != '\0'; at = strchr(at + 1, ' ')) {
		if (at[1] == name[0] && strncmp(at + 1, name, size) == 0 &&
		    (!whole || at[1 + size] == ' '))
			return true;
	}
	return false;
}

static size_t
letters(const char *name, size_t size)
{
	size_t i, count = 0;

	for (i = 0; i < size; i++)
		count += ((unsigned char)name[i] & 0xC0) != 0x80;
	return count;
}

int
names_month(const char *name, size_t size)
{
	int month, found = 0;

	if (size > 24 || letters(name, size) < 3)
		return 0;
	for (month = 1; month <= 12; month++) { /* English, first in each row */
		if (strncmp(months[month - 1] + 1, name, size) == 0)
			return month;
	}
	for (month = 1; month <= 12; month++) {
		if (!has_word(months[month - 1], name, size, false))
			continue;
		if (has_word(months[month - 1], name, size, true))
			return month;
		if (found != 0)
			return 0; /* "jui": June or July */
		found = month;
	}
	return found;
}

int
names_weekday(const char *name, size_t size)
{
	int day;

	for (day = 0; day < 7 && size >= 3; day++) {
		if (has_word(weekdays[day], name, size, false))
			return day;
	}
	return -1;
}

int
names_half_day(const char *name, size_t size)
{
	if (has_word(" am a.m a.m. 오전 上午 午前 πμ π.μ ", name, size, true))
		return 0;
	if (has_word(" pm p.m p.m. 오후 下午 午後 μμ μ.μ ", name, size, true))
		return 1;
	return -1;
}

bool
names_is_filler(const char *name, size_t size)
{
	return has_word(fillers, name, size, true);
}

char
names_counter(const char *name, size_t size)
{
	static const struct {
		const char *words;
		char what;
	} counters[] = {
	    {" 년 年 ", 'y'},
	    {" 월 月 ", 'm'},
	    {" 일 日 ", 'd'},
	    {" 시 時 时 点 h ", 'H'},
	    {" 분 分 ", 'M'},
	    {" 초 秒 ", 'S'},
	};
	size_t i;

	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		if (has_word(counters[i].words, name, size, true))
			return counters[i].what;
	}
	return 0;
}

/* Minutes east of UTC in winter, when clocks change, and who keeps this time.  In
 * doubt (IST, BST, CST) what feeds mean by it. */
static const struct {
	int minutes;
	enum names_rule rule;
	const char *names;
} zones[] = {
    {0, RULE_NONE,
	" z ut utc gmt uct wet zulu universal etc/utc etc/gmt etc/uct greenwich "
	"africa/abidjan africa/accra africa/dakar atlantic/reykjavik iceland "},
    {-300, RULE_US,
	" et eastern us/eastern america/new_york america/toronto america/detroit "
	"america/montreal america/indianapolis america/indiana/indianapolis "
	"america/nassau america/port-au-prince canada/eastern "},
    {-360, RULE_US,
	" ct central us/central america/chicago america/winnipeg america/menominee "
	"cst6cdt canada/central "},
    {-420, RULE_US,
	" mt mountain us/mountain america/denver america/edmonton america/boise "
	"canada/mountain "},
    {-480, RULE_US,
	" pt pacific us/pacific america/los_angeles america/vancouver "
	"america/tijuana "
	"pst8pdt canada/pacific "},
    {-540, RULE_US, " us/alaska america/anchorage america/juneau "},
    {-240, RULE_US, " america/halifax canada/atlantic atlantic/bermuda "},
    {-210, RULE_US, " america/st_johns canada/newfoundland "},
    {-300, RULE_NONE,
	" est america/bogota america/lima america/panama america/jamaica cot pet "
	"ect "
	"america/guayaquil america/cancun "},
    {-240, RULE_NONE,
	" edt ast clt vet bot america/caracas america/la_paz america/puerto_rico "
	"america/manaus america/santo_domingo "},
    {-360, RULE_NONE,
	" cst america/mexico_city america/costa_rica america/guatemala "
	"america/regina "
	"america/el_salvador america/monterrey america/tegucigalpa "
	"america/managua "},
    {-300, RULE_NONE, " cdt "},
    {-420, RULE_NONE, " mst pdt america/phoenix us/arizona "},
    {-360, RULE_NONE, " mdt "},
    {-480, RULE_NONE, " pst akdt "},
    {-540, RULE_NONE, " akst "},
    {-600, RULE_NONE, " hst pacific/honolulu us/hawaii "},
    {-180, RULE_NONE,
	" adt brt art uyt clst america/sao_paulo america/buenos_aires "
	"america/argentina/buenos_aires america/montevideo america/bahia "
	"america/fortaleza america/recife brazil/east "},
    {-120, RULE_NONE, " brst uyst "},
    {-210, RULE_NONE, " nst "},
    {-150, RULE_NONE, " ndt "},
    {0, RULE_EU,
	" europe/london europe/dublin europe/lisbon europe/belfast gb "
	"atlantic/canary atlantic/madeira portugal eire "},
    {60, RULE_EU,
	" europe/paris europe/berlin europe/rome europe/madrid europe/amsterdam "
	"europe/brussels europe/vienna europe/zurich europe/stockholm europe/oslo "
	"europe/copenhagen europe/prague europe/budapest europe/warsaw "
	"europe/belgrade "
	"europe/zagreb europe/ljubljana europe/bratislava europe/luxembourg "
	"europe/monaco europe/malta europe/andorra europe/vaduz europe/tirane "
	"europe/sarajevo europe/skopje europe/podgorica europe/gibraltar "
	"europe/san_marino europe/vatican poland arctic/longyearbyen "},
    {120, RULE_EU,
	" europe/athens europe/helsinki europe/kiev europe/kyiv europe/bucharest "
	"europe/sofia europe/riga europe/tallinn europe/vilnius europe/chisinau "
	"europe/mariehamn asia/nicosia "},
    {60, RULE_NONE,
	" cet met mez mewt wat bst west africa/lagos africa/algiers africa/tunis "
	"africa/casablanca "},
    {120, RULE_NONE,
	" cest mest mesz eet cat sast africa/johannesburg africa/cairo "
	"africa/maputo "
	"africa/harare africa/tripoli europe/kaliningrad israel asia/beirut "},
    {180, RULE_NONE,
	" eest msk eat trt idt europe/moscow europe/istanbul europe/minsk turkey "
	"africa/nairobi asia/baghdad asia/riyadh asia/kuwait asia/qatar "
	"africa/addis_ababa "
	"asia/istanbul asia/amman asia/damascus w-su "},
    {120, RULE_EU, " asia/jerusalem asia/tel_aviv "},
    {210, RULE_NONE, " irst asia/tehran iran "},
    {240, RULE_NONE,
	" msd gst asia/dubai asia/baku asia/tbilisi asia/yerevan europe/samara "},
    {270, RULE_NONE, " asia/kabul "},
    {300, RULE_NONE,
	" pkt uzt yekt asia/karachi asia/tashkent asia/yekaterinburg asia/almaty "},
    {330, RULE_NONE, " ist asia/kolkata asia/calcutta asia/colombo "},
    {345, RULE_NONE, " npt asia/kathmandu asia/katmandu "},
    {360, RULE_NONE, " omst asia/dhaka asia/omsk asia/bishkek "},
    {390, RULE_NONE, " mmt asia/yangon asia/rangoon "},
    {420, RULE_NONE,
	" ict wib novt krat asia/bangkok asia/jakarta asia/ho_chi_minh asia/saigon "
	"asia/novosibirsk asia/krasnoyarsk "},
    {480, RULE_NONE,
	" hkt sgt pht awst myt wita irkt asia/shanghai asia/hong_kong "
	"asia/singapore "
	"asia/taipei asia/manila asia/kuala_lumpur australia/perth asia/chongqing "
	"prc "
	"hongkong singapore roc asia/irkutsk asia/urumqi asia/macau "},
    {540, RULE_NONE,
	" jst kst wit yakt asia/tokyo asia/seoul japan rok asia/yakutsk "
	"asia/pyongyang "},
    {570, RULE_NONE, " acst australia/darwin "},
    {570, RULE_AU, " australia/adelaide australia/broken_hill "},
    {600, RULE_NONE,
	" aest vlat chst australia/brisbane asia/vladivostok pacific/guam "},
    {600, RULE_AU,
	" australia/sydney australia/melbourne australia/hobart australia/canberra "
	"australia/act australia/nsw australia/victoria "},
    {630, RULE_NONE, " acdt "},
    {660, RULE_NONE, " aedt magt sbt asia/magadan pacific/noumea "},
    {720, RULE_NONE, " nzst fjt pacific/fiji asia/kamchatka "},
    {720, RULE_NZ, " pacific/auckland nz antarctica/mcmurdo "},
    {780, RULE_NONE, " nzdt pacific/tongatapu "},
};

bool
names_zone(const char *name, size_t size, struct names_zone *ret_zone)
{
	size_t i;

	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (has_word(zones[i].names, name, size, true)) {
			ret_zone->minutes = zones[i].minutes;
			ret_zone->rule = zones[i].rule;
			return true;
		}
	}
	return false;
}

/* Day of the month of the `nth` Sunday (1 to 4), or the last (5). */
static int
sunday(int year, int month, int nth)
{
	int64_t first = clock_days_from_civil(year, (unsigned)month, 1);
	int day = 1 + (int)((10 - first % 7) % 7); /* day 3 was a Sunday */

	static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (first < 0) /* before 1970 nobody's rule is known */
		return 1;
	day += 7 * (nth - 1);
	while (day > length[month - 1])
		day -= 7;
	return day;
}

/* Whether local time `at` (month, day, hour as one number) is between two. */
static int
stamp(int month, int day, int hour)
{
	return (month * 32 + day) * 32 + hour;
}

int
names_offset(const struct names_zone *zone, int year, int month, int day, int hour)
{
	int at = stamp(month, day, hour), from, to;
	bool summer = false;

	switch (zone->rule) {
	case RULE_NONE:
		break;
	case RULE_US:
		from = year >= 2007 ? stamp(3, sunday(year, 3, 2), 2)
				    : stamp(4, sunday(year, 4, 1), 2);
		to = year >= 2007 ? stamp(11, sunday(year, 11, 1), 2)
				  : stamp(10, sunday(year, 10, 5), 2);
		summer = at >= from && at < to;
		break;
	case RULE_EU:
		from = stamp(3, sunday(year, 3, 5), 1 + zone->minutes / 60);
		to = stamp(10, sunday(year, 10, 5), 2 + zone->minutes / 60);
		summer = at >= from && at < to;
		break;
	case RULE_AU:
		from = stamp(10, sunday(year, 10, 1), 2);
		to = stamp(4, sunday(year, 4, 1), 3);
		summer = at >= from || at < to;
		break;
	case RULE_NZ:
		from = stamp(9, sunday(year, 9, 5), 2);
		to = stamp(4, sunday(year, 4, 1), 3);
		summer = at >= from || at < to;
		break;
	}
	return zone->minutes + (summer ? 60 : 0);
}
