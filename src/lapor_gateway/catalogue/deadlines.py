"""Texts of deadlines: commands, words of clocks and states, and the reminder that officers get."""

from typing import Final


def _same(example: str) -> tuple[str, str]:
    return (example, example)


_WEEKDAYS: Final = (
    ("Senin", "Monday"),
    ("Selasa", "Tuesday"),
    ("Rabu", "Wednesday"),
    ("Kamis", "Thursday"),
    ("Jumat", "Friday"),
    ("Sabtu", "Saturday"),
    ("Minggu", "Sunday"),
)
_MONTHS: Final = (
    ("Januari", "January"),
    ("Februari", "February"),
    ("Maret", "March"),
    ("April", "April"),
    ("Mei", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("Agustus", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Desember", "December"),
)

DEADLINES: Final[dict[str, tuple[str, str]]] = {
    "help.deadlines": (
        "Tenggat pengaduan: yang segera jatuh tempo, yang lewat, aturannya, dan kalender hari kerja.",
        "Deadlines of complaints: what is due or breached, the rules, and the calendar of working days.",
    ),
    "help.deadlines list": (
        "Menampilkan tenggat yang lewat, jatuh tempo hari ini, atau segera jatuh tempo, yang terdekat lebih dahulu.",
        "Lists deadlines that are breached, due today or due soon, the one due first first.",
    ),
    "help.deadlines rules": (
        "Menampilkan aturan tenggat yang berlaku, dengan sumber dan tanggal mulainya.",
        "Lists the rules of deadlines with their sources and dates of effect.",
    ),
    "help.deadlines calendar": (
        "Menampilkan hari libur nasional, cuti bersama, dan hari khusus daerah dalam satu tahun.",
        "Lists a year's national holidays, cuti bersama and a region's own days.",
    ),
    "help.deadlines check": (
        "Memeriksa apakah suatu tanggal hari kerja.",
        "Says of a date whether it is a working day.",
    ),
    "help.deadlines remind": (
        "Mengirim pengingat kepada pejabat sekarang juga; hanya yang belum pernah diingatkan pada tahap itu.",
        "Sends the officers' reminders now; only what they have not been told at that stage.",
    ),
    "help.deadlines.region": ("hanya daerah ini", "only this region"),
    "help.deadlines.state": (
        "hanya keadaan ini (boleh berulang): running, due_soon, due_today, breached, met, met_late, paused, unknown",
        "only this state (may be repeated): running, due_soon, due_today, breached, met, met_late, paused, unknown",
    ),
    "help.deadlines.clock": (
        "hanya jam ini: verification, first_follow_up, handling, closing",
        "only this clock: verification, first_follow_up, handling, closing",
    ),
    "help.deadlines.limit": ("paling banyak sekian baris", "at most so many lines"),
    "help.deadlines.year": ("tahun, misalnya 2026", "the year, such as 2026"),
    "help.deadlines.dates": ("tanggal, misalnya 2026-03-20", "dates, such as 2026-03-20"),
    "help.deadlines.dry_run": ("hanya tampilkan pesannya", "only show the messages"),
    "example.deadlines list": _same("lapor-gateway deadlines list --region contoh --state breached"),
    "example.deadlines rules": _same("lapor-gateway deadlines rules"),
    "example.deadlines calendar": _same("lapor-gateway deadlines calendar 2026 --region contoh"),
    "example.deadlines check": _same("lapor-gateway deadlines check 2026-03-20 2026-03-25"),
    "example.deadlines remind": _same("lapor-gateway deadlines remind --dry-run"),
    "deadlines.none": ("Tidak ada tenggat seperti itu.", "There is no such deadline."),
    "deadlines.forecast": (
        "{region}: {count} tenggat akan lewat sampai {until} bila tidak ditindaklanjuti; {breached} sudah lewat.",
        "{region}: {count} deadlines will be breached by {until} if nobody acts; {breached} already are.",
    ),
    "deadlines.gap": (
        "{count} tenggat tidak dapat dihitung karena kalender berakhir pada {year} (docs/deadlines.md).",
        "{count} deadlines cannot be counted because the calendar ends in {year} (docs/deadlines.md).",
    ),
    "deadlines.year": (
        "{year}: {holidays} hari libur nasional, {cuti} cuti bersama, {working} hari kerja. Sumber: {source}.",
        "{year}: {holidays} national holidays, {cuti} cuti bersama, {working} working days. Source: {source}.",
    ),
    "deadlines.reminders.none": ("Tidak ada pengingat baru.", "There is nothing new to remind of."),
    "deadlines.reminders.nobody": (
        "Belum ada alamat pejabat; tulis di bagian [reminders.officers] lapor-gateway.toml.",
        "No officer's address is set; write them under [reminders.officers] in lapor-gateway.toml.",
    ),
    "deadlines.reminders.message": (
        "--- kepada {target} ({region}): {title}\n{body}\n",
        "--- to {target} ({region}): {title}\n{body}\n",
    ),
    "deadlines.reminders.sent": (
        "{region}: {target} diingatkan tentang {count} tenggat.",
        "{region}: {target} was reminded of {count} deadlines.",
    ),
    "deadlines.reminders.failed": (
        "{region}: {target} tidak terkirim ({why}); akan dicoba lagi.",
        "{region}: {target} was not sent ({why}); it will be tried again.",
    ),
    "journey.deadline": (
        "Tenggat {clock}: {state}, sampai {due} ({rule})",
        "Deadline of {clock}: {state}, by {due} ({rule})",
    ),
    "status.deadlines": (
        "{channel}: tenggat lewat {breached}, hari ini {due_today}, segera {due_soon} (`deadlines list`).",
        "{channel}: deadlines breached {breached}, due today {due_today}, due soon {due_soon} (`deadlines list`).",
    ),
    "column.breached": ("lewat", "breached"),
    "column.due_today": ("hari ini", "due today"),
    "column.due_soon": ("segera", "due soon"),
    "column.category": ("kategori", "category"),
    "column.clock": ("jam", "clock"),
    "column.due": ("sampai", "due"),
    "column.days": ("hari", "days"),
    "column.day_kind": ("jenis hari", "kind of day"),
    "column.classes": ("golongan", "classes"),
    "column.owed_by": ("kewajiban", "owed by"),
    "column.effective_from": ("berlaku mulai", "in force from"),
    "column.date": ("tanggal", "date"),
    "column.weekday": ("hari", "weekday"),
    "column.day": ("jenis", "kind"),
    "day.working": ("hari kerja", "working day"),
    "day.weekend": ("akhir pekan", "weekend"),
    "day.holiday": ("libur nasional", "national holiday"),
    "day.cuti_bersama": ("cuti bersama", "cuti bersama"),
    "due.running": ("berjalan", "running"),
    "due.due_soon": ("segera jatuh tempo", "due soon"),
    "due.due_today": ("jatuh tempo hari ini", "due today"),
    "due.breached": ("LEWAT", "BREACHED"),
    "due.met": ("terpenuhi", "met"),
    "due.met_late": ("terpenuhi terlambat", "met late"),
    "due.paused": ("berhenti sementara", "paused"),
    "due.unknown": ("tidak diketahui", "unknown"),
    "clock.verification": ("verifikasi dan penerusan", "verification and forwarding"),
    "clock.first_follow_up": ("tindak lanjut pertama", "first follow-up"),
    "clock.handling": ("penyelesaian", "handling"),
    "clock.closing": ("penutupan", "closing"),
    "check.calendar": ("kalender hari kerja", "calendar of working days"),
    "check.calendar.ok": ("sampai akhir {year}", "to the end of {year}"),
    "check.calendar.ends": (
        "berakhir pada {year}; {count} tenggat tidak dapat dihitung",
        "ends in {year}; {count} deadlines cannot be counted",
    ),
    "check.calendar.ends.cure": (
        "Tulis hari libur tahun {next} di berkas kalender (docs/deadlines.md).",
        "Write the days off of {next} into the calendar file (docs/deadlines.md).",
    ),
    "check.reminders": ("pengingat", "reminders"),
    "check.reminders.ok": ("{target}: terkirim terakhir {at}", "{target}: last sent {at}"),
    "check.reminders.never": ("{target}: belum ada yang dikirim", "{target}: nothing sent yet"),
    "check.reminders.failing": ("{target}: gagal sejak {at} ({why})", "{target}: failing since {at} ({why})"),
    "check.reminders.failing.cure": (
        "Periksa alamatnya: `lapor-gateway secrets set {name}`, lalu `lapor-gateway deadlines remind`.",
        "Check its address: `lapor-gateway secrets set {name}`, then `lapor-gateway deadlines remind`.",
    ),
    "reminder.title": (
        "Pengingat tenggat pengaduan {region}, {day}",
        "Reminder of complaints' deadlines, {region}, {day}",
    ),
    "reminder.opening": (
        (
            "Yth. Pejabat Penghubung {region},\n\n"
            "Dengan hormat, pada {day} terdapat {count} tenggat pengaduan SP4N-LAPOR! yang memerlukan perhatian:"
        ),
        (
            "Dear liaison officer of {region},\n\n"
            "on {day} there are {count} deadlines of SP4N-LAPOR! complaints that need your attention:"
        ),
    ),
    "reminder.stage.breached": ("Sudah melewati tenggat ({count}):", "Breached ({count}):"),
    "reminder.stage.due_today": ("Jatuh tempo hari ini ({count}):", "Due today ({count}):"),
    "reminder.stage.due_soon": ("Segera jatuh tempo ({count}):", "Due soon ({count}):"),
    "reminder.line": (
        "{reference}, nomor LAPOR! {number}, kategori {category}: {clock} paling lambat {day} ({days})",
        "{reference}, LAPOR! number {number}, category {category}: {clock} by {day} ({days})",
    ),
    "reminder.left": ("tersisa {days} hari kerja", "{days} working days left"),
    "reminder.late": ("terlambat {days} hari kerja", "{days} working days late"),
    "reminder.today": ("hari terakhir", "the last day"),
    "reminder.more": ("- dan {count} pengaduan lainnya", "- and {count} more complaints"),
    "reminder.training": ("[LATIHAN] ", "[TRAINING] "),
    "reminder.end": (
        (
            "Mohon tindak lanjut melalui aplikasi daerah atau SP4N-LAPOR!. Pesan ini dikirim otomatis dan tidak "
            "memuat identitas pelapor maupun isi laporan."
        ),
        (
            "Please follow up in the regional application or SP4N-LAPOR!. This message is sent automatically and "
            "holds no reporter's identity and no text of a report."
        ),
    ),
    **{f"weekday.{number}": names for number, names in enumerate(_WEEKDAYS)},
    **{f"month.{number}": names for number, names in enumerate(_MONTHS, 1)},
}

DEADLINES_ERRORS: Final[dict[str, str]] = {
    "The calendar does not know the days off of {year}.": "Kalender belum memuat hari libur tahun {year}.",
    "Write them into the calendar file of this installation; docs/deadlines.md shows how.": (
        "Tulis hari-hari itu di berkas kalender instalasi ini; caranya di docs/deadlines.md."
    ),
    "Two rules of deadlines have the same key.": "Dua aturan tenggat memakai key yang sama.",
    "Give each a key of its own.": "Beri setiap aturan key tersendiri.",
    "The rule of deadlines {key} counts nothing.": "Aturan tenggat {key} tidak menghitung apa pun.",
    "Give it at least 1 day, and a moment under `stops`.": "Isi sekurangnya 1 hari, dan satu saat pada `stops`.",
    "The rule of deadlines {key} names no time zone.": "Aturan tenggat {key} tidak menyebut zona waktu yang ada.",
    'Write zone = "Asia/Jakarta".': 'Tulis zone = "Asia/Jakarta".',
    "The rules of deadlines {other} and {key} hold from the same day for the same clock.": (
        "Aturan tenggat {other} dan {key} berlaku sejak hari yang sama untuk jam yang sama."
    ),
    "Give the newer one its own `effective_from`.": "Beri yang baru `effective_from` tersendiri.",
    "{name} is not valid TOML.": "{name} bukan TOML yang benar.",
    "{name} holds what is no rule and no day off.": "{name} memuat yang bukan aturan dan bukan hari libur.",
    "Compare it with the examples of docs/deadlines.md.": "Bandingkan dengan contoh di docs/deadlines.md.",
    "There is no region {region}.": "Tidak ada daerah {region}.",
    "{text} is no day.": "{text} bukan tanggal.",
    "Write it as 2026-03-20.": "Tulis seperti 2026-03-20.",
    "There is no state {state} of deadlines.": "Tidak ada keadaan tenggat {state}.",
    "There is no clock {clock}.": "Tidak ada jam {clock}.",
    "One is {known}.": "Yang ada: {known}.",
}
