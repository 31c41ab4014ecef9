# Checking receipts and exported visits with the company's key

verify-receipt-holds = This receipt holds: { $number }, issued by a device of the company and unaltered since.
verify-refund-holds = This refund holds: { $number }, issued by a device of the company and unaltered since.
verify-visit-holds = This export holds: { $streams } streams with { $events } events, each signed by a device of the company or by the office, none missing, none altered.
verify-fails = This does not hold: { $reason }
verify-when = When
verify-device = Device
verify-running = Series so far
verify-stream = { $subject }, written by { $writer }:
verify-office = the office
verify-by-device = device { $device }
verify-work-order = Work order { $id }
verify-shift = Shift { $id }
verify-receipt-series = Receipt series { $id }
verify-complaint-case = Complaint case { $id }
verify-statement-holds = The office holds everything that device { $device } had recorded: { $held } of { $recorded }, as of { $when } UTC.
verify-statement-lacks = The statement holds, and says that something is missing: device { $device } had recorded { $recorded }, the office holds { $held } and waits for { $photos } photos, as of { $when } UTC. Do not wipe this phone; let it exchange.
