"""What commands answer: results, tables' headings, errors' frame, advice."""

from typing import Final

_FRAME: Final = {
    "error.line": ("Galat: {message}", "Error: {message}"),
    "error.cause": ("  Sebab: {detail}", "  Cause: {detail}"),
    "error.mend": ("  Jalan keluar: {cure}", "  What to do: {cure}"),
    "error.unexpected": (
        "Terjadi kesalahan yang tidak terduga di dalam lapor-gateway; data yang sudah tersimpan tetap aman.",
        "Something unexpected went wrong inside lapor-gateway; what was stored is safe.",
    ),
    "error.unexpected.cure": (
        "Ulangi dengan --debug dan laporkan keluarannya.",
        "Repeat it with --debug and report the output.",
    ),
    "interrupted": ("Dihentikan.", "Interrupted."),
    "interrupted.sync": (
        "Dihentikan; tidak ada yang hilang, sync berikutnya melanjutkan.",
        "Interrupted; nothing is lost, the next sync goes on from here.",
    ),
    "error.usage.cure": ("Lihat `{command} --help`.", "See `{command} --help`."),
    "word.yes": ("ya", "yes"),
    "word.no": ("tidak", "no"),
    "word.none": ("tidak ada", "none"),
    "word.everything": ("semua", "everything"),
    "list.more": (
        "… masih ada lagi; ini {limit} yang pertama (--limit).",
        "… there are more; these are the first {limit} (--limit).",
    ),
}

_COLUMNS: Final = {
    "column.account": ("akun", "account"),
    "column.account_paused": ("akun berhenti", "account paused"),
    "column.accepted": ("accepted", "accepted"),
    "column.actor": ("pelaku", "actor"),
    "column.address": ("alamat", "address"),
    "column.ambiguous": ("ambiguous", "ambiguous"),
    "column.approved_by": ("disetujui", "approved by"),
    "column.bound_to": ("terikat pada", "bound to"),
    "column.channel": ("kanal", "channel"),
    "column.channels": ("kanal", "channels"),
    "column.code": ("kode", "code"),
    "column.count": ("banyak", "count"),
    "column.count_ledger": ("buku besar", "ledger"),
    "column.count_national": ("LAPOR!", "LAPOR!"),
    "column.count_source": ("sumber", "source"),
    "column.created": ("dibuat", "created"),
    "column.detail": ("rincian", "detail"),
    "column.environment": ("lingkungan", "environment"),
    "column.event": ("peristiwa", "event"),
    "column.facts": ("fakta", "facts"),
    "column.field": ("isian", "field"),
    "column.findings": ("temuan", "findings"),
    "column.health": ("kesehatan", "health"),
    "column.held": ("held", "held"),
    "column.historical": ("historical", "historical"),
    "column.id": ("id", "id"),
    "column.kind": ("jenis", "kind"),
    "column.label": ("untuk", "label"),
    "column.last_success": ("berhasil terakhir", "last success"),
    "column.linked": ("linked", "linked"),
    "column.look_up": ("daftar", "look-up"),
    "column.mode": ("mode", "mode"),
    "column.name": ("nama", "name"),
    "column.national_status": ("status LAPOR!", "status at LAPOR!"),
    "column.next_run": ("jadwal berikutnya", "next run"),
    "column.normalized": ("baku", "normalized"),
    "column.number": ("no", "no"),
    "column.outcome": ("hasil", "outcome"),
    "column.paused": ("berhenti", "paused"),
    "column.pending": ("pending", "pending"),
    "column.quarantined": ("quarantined", "quarantined"),
    "column.raw": ("mentah", "raw"),
    "column.reason": ("alasan", "reason"),
    "column.received": ("diterima", "received"),
    "column.reference": ("rujukan", "reference"),
    "column.region": ("daerah", "region"),
    "column.regional_status": ("status daerah", "regional status"),
    "column.rejected": ("rejected", "rejected"),
    "column.revoked": ("dicabut", "revoked"),
    "column.schedule": ("jadwal", "schedule"),
    "column.scopes": ("hak", "scopes"),
    "column.seen": ("dilihat", "seen"),
    "column.set": ("disimpan", "set"),
    "column.since": ("sejak", "since"),
    "column.source": ("sumber", "source"),
    "column.source_id": ("nomor sumber", "source id"),
    "column.state": ("keadaan", "state"),
    "column.states": ("keadaan", "states"),
    "column.subject": ("tentang", "subject"),
    "column.table": ("tabel", "table"),
    "column.time": ("waktu", "time"),
    "column.title": ("judul", "title"),
    "column.tracking_id": ("nomor LAPOR!", "LAPOR! number"),
    "column.used_by": ("dipakai oleh", "used by"),
    "column.verdict": ("neraca", "balance"),
    "column.visibility": ("sifat", "visibility"),
    "column.waiting_for": ("menunggu", "waiting for"),
    "column.where": ("dari", "where"),
    "column.withdrawn": ("withdrawn", "withdrawn"),
    "column.word": ("kata", "word"),
}

_STANDING: Final = {
    "verdict.balanced": ("seimbang", "balanced"),
    "verdict.gap": ("SELISIH", "GAP"),
    "verdict.unproven": ("belum terbukti", "unproven"),
    "mark.balanced": ("✓", "✓"),
    "mark.gap": ("≠", "≠"),
    "mark.unproven": ("?", "?"),
    "status.balanced": ("Neraca seimbang.", "The balance closes."),
    "status.unbalanced": (
        "Neraca belum seimbang. Hitung ulang dengan `lapor-gateway status --check`.",
        "The balance does not close. Count anew with `lapor-gateway status --check`.",
    ),
    "status.push_off": (
        "! Semua pengiriman dihentikan; buka lagi dengan `lapor-gateway push start`.",
        "! All pushing is stopped; allow it again with `lapor-gateway push start`.",
    ),
    "status.manifest": (
        "! Daerah ini tidak berjalan sampai manifesnya diperbaiki: {fault}",
        "! This region stands still until its manifest is corrected: {fault}",
    ),
    "status.paused": (
        "! {channel} berhenti: {why} Lanjutkan dengan `lapor-gateway channels resume {channel}`.",
        "! {channel} is paused: {why} Go on with `lapor-gateway channels resume {channel}`.",
    ),
    "status.account_paused": (
        "! Akun {account} berhenti: {why} Perbaiki kredensialnya, lalu `lapor-gateway accounts resume {account}`.",
        "! The account {account} is paused: {why} Mend its credential, then `lapor-gateway accounts resume {account}`.",
    ),
    "status.verdict": ("! {channel}: {verdict} ({why})", "! {channel}: {verdict} ({why})"),
    "status.findings": (
        "! {channel}: {count} temuan terbuka; lihat `lapor-gateway findings list --channel {channel}`.",
        "! {channel}: {count} open findings; see `lapor-gateway findings list --channel {channel}`.",
    ),
    "status.waiting": (
        "! {channel}: {count} {state}; lihat `lapor-gateway complaints list --channel {channel} --state {state}`.",
        "! {channel}: {count} {state}; see `lapor-gateway complaints list --channel {channel} --state {state}`.",
    ),
    "sync.channel": (
        "{channel}: {new} baru, {changed} berubah, {seen} sudah dikenal",
        "{channel}: {new} new, {changed} changed, {seen} seen before",
    ),
    "sync.account": (
        (
            "LAPOR! {account}: {accepted} diterima, {adopted} diakui, {refused} ditolak, "
            "{unknown} meragukan, {not_taken} ditunda"
        ),
        (
            "LAPOR! {account}: {accepted} accepted, {adopted} adopted, {refused} refused, "
            "{unknown} in doubt, {not_taken} put off"
        ),
    ),
    "sync.stopped": (
        "LAPOR! {account}: pengiriman berhenti ({why})",
        "LAPOR! {account}: pushing stopped ({why})",
    ),
    "sync.person": (
        "Selesai; ada yang perlu dilihat petugas: `lapor-gateway status`.",
        "Done; something needs a person: `lapor-gateway status`.",
    ),
    "progress.read": ("dibaca ({new} baru, {changed} berubah)", "read ({new} new, {changed} changed)"),
    "progress.sent": ("selesai, {unknown} meragukan", "settled, {unknown} in doubt"),
    "dry_run.channel": (
        "{channel} ({mode}): {new} baru, {changed} berubah, {ready} sudah siap kirim di buku",
        "{channel} ({mode}): {new} new, {changed} changed, {ready} ready in the book already",
    ),
    "dry_run.would": ("  akan menjadi: {states}", "  would become: {states}"),
    "dry_run.unsent": (
        "  {count} berubah sesudah melewati gerbang: tidak ada yang dikirim untuk itu",
        "  {count} changed after they passed the gate: nothing is sent for them",
    ),
    "dry_run.sends": ("  akan dikirim:", "  would be sent:"),
    "dry_run.sends.shadow": (
        "  kanal ini belum mengirim; bila disetujui (`channels go-live`), yang dikirim:",
        "  this channel does not push yet; once approved (`channels go-live`) it would send:",
    ),
    "dry_run.end": (
        "Percobaan saja: tidak ada yang ditulis atau dikirim.",
        "A dry run: nothing was written or sent.",
    ),
}

_COMPLAINTS: Final = {
    "complaints.none": ("Tidak ada pengaduan seperti itu.", "There are no such complaints."),
    "complaints.decided": (
        "{reference} sekarang {state} ({reason}).",
        "{reference} is {state} now ({reason}).",
    ),
    "complaints.many": (
        "`{command}`: {count} pengaduan {state}.",
        "`{command}`: {count} {state} complaints.",
    ),
    "complaints.many.ask": ("Lanjutkan?", "Go on?"),
    "complaints.many.done": (
        "`{command}`: {done} dari {count} sudah diputuskan.",
        "`{command}`: {done} of {count} decided.",
    ),
    "journey.raw": ("Rekaman mentah:", "Raw records:"),
    "journey.versions": ("Hasil pemetaan:", "What they became:"),
    "journey.version": ("  versi {number}  {at}  {mark}", "  version {number}  {at}  {mark}"),
    "journey.reporter": ("pelapor", "reporter"),
    "journey.current": ("(berlaku)", "(current)"),
    "journey.entries": ("Buku besar:", "Ledger:"),
    "journey.attempts": ("Pengiriman:", "Attempts:"),
    "journey.attachments": ("Lampiran:", "Attachments:"),
    "journey.under_way": ("sedang berjalan", "under way"),
    "journey.finding": ("Temuan: {kind} ({state}, {at})", "Finding: {kind} ({state}, {at})"),
    "journey.possible": ("Yang dapat dilakukan: {verbs}", "What can be done: {verbs}"),
    "journey.no_text": ("(isinya tidak ditampilkan)", "(its text is not shown)"),
    "state.quarantined": (
        "rekaman yang tidak dapat dipetakan; perbaiki sumber atau pemetaannya, lalu `replay`",
        "records that could not be mapped; mend the source or the mapping, then `replay`",
    ),
    "state.held": (
        "menunggu keputusan petugas: `release`, `adopt`, `set-aside`, atau `withdraw`",
        "wait for a person's decision: `release`, `adopt`, `set-aside` or `withdraw`",
    ),
    "state.rejected": (
        "ditolak LAPOR!; perbaiki datanya, lalu `replay`",
        "refused by LAPOR!; mend the data, then `replay`",
    ),
    "state.ambiguous": (
        "mungkin sudah di LAPOR!; diperiksa lagi dengan sendirinya, tidak dikirim ulang begitu saja",
        "may be at LAPOR! already; looked up again by itself, never sent again blindly",
    ),
}

_GROUPS: Final = {
    "push.stopped": ("Semua pengiriman dihentikan.", "All pushing is stopped."),
    "push.started": ("Pengiriman dibuka lagi.", "Pushing is allowed again."),
    "findings.none": ("Tidak ada temuan yang terbuka.", "There are no open findings."),
    "findings.accepted": ("Temuan {id} diterima.", "Finding {id} accepted."),
    "keys.created": (
        "Kunci {id} dibuat. Simpan tokennya sekarang; ia tidak ditampilkan lagi:",
        "Key {id} made. Keep its token now; it is never shown again:",
    ),
    "keys.revoked": ("Kunci {id} dicabut.", "Key {id} revoked."),
    "keys.none": ("Belum ada kunci API.", "There are no API keys yet."),
    "secrets.set": ("Rahasia {name} disimpan.", "The secret {name} is kept."),
    "secrets.none": ("Tidak ada rahasia yang diperlukan.", "No secrets are needed."),
    "secrets.prompt": ("Isi rahasia {name}", "Value of the secret {name}"),
    "accounts.none": (
        "Belum ada akun nasional; tambahkan bagian [national.…] di lapor-gateway.toml.",
        "There are no national accounts; add a section [national.…] to lapor-gateway.toml.",
    ),
    "accounts.unconfigured": ("(belum diatur)", "(not configured)"),
    "accounts.resumed": ("Akun {account} dilanjutkan.", "The account {account} goes on."),
    "channels.none": (
        "Belum ada kanal; salin folder contoh di folder connectors.",
        "There are no channels yet; copy the example folder in the connectors folder.",
    ),
    "channels.tested": ("{channel}: baik. {seen}", "{channel}: well. {seen}"),
    "channels.webhook": (
        "menunggu webhook di {path}; rahasianya ada",
        "waits for webhooks at {path}; its secret is there",
    ),
    "channels.pause_reason": ("dihentikan oleh {name}", "paused by {name}"),
    "channels.paused": (
        "{channel} dihentikan; titik hentinya disimpan dan webhook tetap diterima.",
        "{channel} is paused; its checkpoint is kept and webhooks are still taken.",
    ),
    "channels.resumed": ("{channel} dilanjutkan.", "{channel} goes on."),
    "channels.live": (
        "{channel} mengirim, disetujui {by}: {released} dilepas, {aside} dikesampingkan, {waiting} menunggu.",
        "{channel} is live, approved by {by}: {released} released, {aside} set aside, {waiting} waiting.",
    ),
    "channels.oldest": (
        "Yang tertua di antaranya dari {moment}; batasi dengan --from bila itu terlalu lama.",
        "The oldest of them is from {moment}; bound it with --from if that is too far back.",
    ),
    "connectors.none": ("Tidak ada folder daerah.", "There are no region folders."),
    "connectors.good": ("{region}: manifes baik ({channels})", "{region}: the manifest is good ({channels})"),
    "connectors.passed": ("{region}: {samples} contoh cocok", "{region}: {samples} samples conform"),
    "connectors.failed": (
        "{region}: {failed} dari {samples} contoh tidak cocok",
        "{region}: {failed} of {samples} samples do not conform",
    ),
    "connectors.no_samples": ("{region}: tidak ada contoh di samples/", "{region}: no samples in samples/"),
    "connectors.wrote": (
        "{region}: ditulis expected/{sample}.json",
        "{region}: wrote expected/{sample}.json",
    ),
    "connectors.differs": ("  {sample}: {problem}", "  {sample}: {problem}"),
    "preview.channel": ("{channel}: {records} rekaman", "{channel}: {records} records"),
    "preview.record": ("\nnomor sumber {source_id}", "\nsource id {source_id}"),
    "preview.fault": ("  karantina: {field}: {rule} {value}", "  quarantine: {field}: {rule} {value}"),
    "preview.hold": ("  ditahan: {field}: {rule} {value}", "  held: {field}: {rule} {value}"),
    "preview.unknown": ("Kata yang belum ada di tabel:", "Words that no table has:"),
    "preview.silent": (
        "Isian yang selalu kosong (salah eja?): {fields}",
        "Fields that were always empty (misspelt?): {fields}",
    ),
    "db.upgraded": (
        "Buku siap (migrasi {revision}): {place}",
        "The book is ready (migration {revision}): {place}",
    ),
    "db.ready": (
        "Buku siap (migrasi {revision}): {place}",
        "The book is ready (migration {revision}): {place}",
    ),
    "db.behind": (
        "Buku {place}: migrasi {current}, diperlukan {needed}. Jalankan `lapor-gateway db upgrade`.",
        "The book {place}: migration {current}, needed is {needed}. Run `lapor-gateway db upgrade`.",
    ),
    "serve.begins": (
        "API dan halaman status: {url}   dokumentasi: {docs}   (Ctrl-C mengakhiri)",
        "API and status page: {url}   documentation: {docs}   (Ctrl-C ends)",
    ),
    "serve.worker": (
        "Jadwal dan pengiriman berjalan di sini untuk {channels} kanal.",
        "Schedule and worker run here for {channels} channels.",
    ),
    "serve.no_worker": (
        "Tanpa jadwal dan pengiriman (--no-worker); {channels} kanal.",
        "Without schedule and worker (--no-worker); {channels} channels.",
    ),
    "serve.binding": ("{sentence}", "{sentence}"),
    "serve.ended": (
        "Berhenti; yang sedang berjalan sudah dicatat.",
        "Ended; what was under way has been written.",
    ),
    "init.written": ("ditulis   {path}", "written   {path}"),
    "init.kept": ("dibiarkan {path} (sudah ada)", "kept      {path} (already there)"),
    "init.connectors_kept": ("dibiarkan {path} (sudah ada)", "kept      {path} (already there)"),
    "init.key": (
        "ditulis   {path} (kunci induk: buat cadangannya!)",
        "written   {path} (master key: back it up!)",
    ),
    "init.next": (
        (
            "\nLangkah berikutnya, dari folder {folder}:\n"
            "  1. Ubah {file} (alamat akun LAPOR!) dan salin {example} menjadi folder daerah.\n"
            "  2. lapor-gateway db upgrade\n"
            "  3. lapor-gateway secrets list, lalu lapor-gateway secrets set NAMA untuk setiap rahasia\n"
            "  4. lapor-gateway doctor\n"
            "  5. lapor-gateway sync --all   (membaca saja; kanal baru belum mengirim)\n"
            '  6. lapor-gateway channels go-live KANAL --by "Nama Anda" --from 2026-01-01 --canary 5\n'
            "     (tanpa --from: semua yang belum selesai dikirim, setua apa pun)\n"
            "  7. lapor-gateway serve"
        ),
        (
            "\nNext steps, from the folder {folder}:\n"
            "  1. Edit {file} (address of the LAPOR! account) and copy {example} to a folder of your region.\n"
            "  2. lapor-gateway db upgrade\n"
            "  3. lapor-gateway secrets list, then lapor-gateway secrets set NAME for each secret\n"
            "  4. lapor-gateway doctor\n"
            "  5. lapor-gateway sync --all   (reads only; a new channel does not push yet)\n"
            '  6. lapor-gateway channels go-live CHANNEL --by "Your name" --from 2026-01-01 --canary 5\n'
            "     (without --from: everything that is not closed goes out, whatever its age)\n"
            "  7. lapor-gateway serve"
        ),
    ),
}

ANSWERS: Final[dict[str, tuple[str, str]]] = {
    **_FRAME,
    **_COLUMNS,
    **_STANDING,
    **_COMPLAINTS,
    **_GROUPS,
}
