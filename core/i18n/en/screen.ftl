# What screens say

status-open = Not assigned
status-assigned = Assigned
status-in-progress = In progress
status-attempted = Attempted
status-done = Done
status-cancelled = Cancelled
status-expired = Expired

today-none = No orders today.
today-headline = { $open } of { $orders } orders to do
today-headline-overdue = { $open } of { $orders } orders to do, { $overdue } overdue
today-due = By { $when }
today-overdue = Overdue since { $when }
today-conflicts = Conflicts for the supervisor to decide: { $count }
today-progress = { $done } of { $orders } done
today-appointment = Agreed: { $from } to { $to }
today-appointment-planned = Planned: { $from } to { $to }
today-appointment-missed = Agreed for { $from } to { $to }: nobody came
today-promise = { $promise }: by { $when }
today-promise-broken = { $promise }: promised by { $when }, overdue
today-hazard = Not mended: { $item }, { $grade }
today-hazard-due = Not mended: { $item }, { $grade }, to be mended by { $when }
today-hazard-overdue = Not mended: { $item }, { $grade }, should have been mended by { $when }

kind-repair = Repair
kind-installation = Installation
kind-inspection = Inspection
kind-meter-reading = Meter reading
kind-delivery = Delivery
kind-call-back = Call-back
speaks-zh-hans = Papers in Chinese, simplified
speaks-zh-hant = Papers in Chinese, traditional
speaks-en = Papers in English

next-emergency = Emergency first: { $address }
next-appointment = Agreed for { $time }: { $address }
next-planned = Planned for { $time }: { $address }
next-door = Next door: { $address }
next-floor = Same stair, floor { $floor }: { $address }
next-stair = Same building, stair { $stair }: { $address }
next-stop = Next: { $address }

notice-c1-work-stands = Order { $number } was cancelled while you worked on it. Decided: your work stands and is charged.
notice-c1-work-stands-uncharged = Order { $number } was cancelled while you worked on it. Decided: the work stands, the customer gets the charges back.
notice-c2-first-counts = Two technicians visited for order { $number }. Decided: the visit that was finished first counts.
notice-c2-both-count = Two technicians visited for order { $number }. Decided: both visits count.
notice-decided = Order { $number }: { $title }. Decided: { $choice }.
notice-decided-own = Receipts or a shift of your phone: { $title }. Decided: { $choice }.
notice-other = Order { $number }: decided under rule { $rule }: { $choice }. Update the app to read it in words.
notice-other-own = Decided under rule { $rule }: { $choice }. Update the app to read it in words.

search-none = Nothing found.
search-found = Found: { $count }
search-more = More than { $count } found: type more to narrow it down

reading-used = { $usage } m³ since the last reading
reading-credit = { $credit } m³ were billed too much by an estimate
reading-unknown = Usage not known
reading-flag-backwards = below the last value
reading-flag-rolled-over = past the end of the wheels
reading-flag-high = far above the usual use
reading-flag-low = far below the usual use
reading-flag-zero = nothing was used
reading-flag-wrong-meter = another number stands on the plate
reading-flag-display-differs = wheels and display differ
reading-flag-swapped = the meter was changed
reading-flag-too-many-digits = more digits than the meter has wheels
reading-flag-too-many-estimates = too many estimates in a row
reading-flag-for-review = sent to a supervisor

kit-tool = Tool
kit-part = Part
kit-paper = Paper
certificate-missing = { $title }: none is known for you. Ask the office before you work.
certificate-ended = { $title }: ended on { $until }. Ask the office before you work.
certificate-ends-soon = { $title }: ends on { $until }. Have it renewed.
certificate-valid = { $title }: valid until { $until }
evening-visits = End the visits left open: { $count }
evening-count = Count the cash and close the shift.
evening-unsent = Exchange with the office: { $count } records are on this phone alone.
evening-photos = Exchange with the office: { $count } photos are on this phone alone.

visit-ended = Ended at { $when }: { $outcome }
visit-handed-over = Handed over to a colleague at { $when }
visit-taken-over = Taken over from badge { $badge }, who began at { $when }
visit-taken-over-unconfirmed = Taken over from badge { $badge }, who began at { $when }. The office has not confirmed this yet.
answer-by = by badge { $badge }
visit-progress = { $done } of { $required } done
limit-times = At most { $most } times.
limit-between = Wait at least { $least } s before doing it again.

answer-done = Done
answer-corrected = corrected; before: { $before }
answer-taken-back = taken back; before: { $before }
answer-written = Written down
answer-photo = Photo taken
answer-seconds = { $seconds } s
answer-comma = { ", " }
answer-item = { $item }: { $answer }
item-pass = in order
item-hazard = hazard
item-not-applicable = not applicable
item-not-checkable = could not be checked

photo-tally = { $sent } of { $taken } sent
photo-tally-refused = { $sent } of { $taken } sent, { $refused } not taken by the office for now
photo-waiting = Waits to be sent ({ $kilobytes } kB)
photo-sending = On its way: { $percent } % of { $kilobytes } kB
photo-sent = With the office
photo-elsewhere = Taken on another phone
photo-refused-quota = The office takes no more photos of this phone today: it goes out tomorrow by itself. Keep the phone as it is.
photo-refused-too-large = Too large for the office: take a smaller one and record it in its place.
photo-refused-unknown = The office doesn’t have the record that names it yet: exchange again. It stays on this phone.
photo-refused-not-yours = It belongs to another phone’s records: call the office. It stays on this phone.
photo-refused-differs = It arrived damaged and is sent again after the next exchange. If this stays, take it again.
photo-refused-stuck = It didn’t get through and is tried again after the next exchange.
photo-refused-other = The office doesn’t take it for now: it is tried again after the next exchange. It stays on this phone.

quote-none = No quote yet. Tell the customer the price before any charged work.
quote-offered = Quote { $version } of { $amount }: waits for the customer’s yes
quote-accepted = Quote { $version } of { $amount }: accepted
pay-due = Due: { $amount }
pay-tendered = Received: { $amount }
pay-change = Change: { $amount }
pay-missing = Still missing: { $amount }
pay-nothing = Nothing is due: take no money.
pay-refused = This sum cannot be right: count again and enter what was handed over.

sign-who = An adult of the household, or somebody who acts for the customer. A minor may not sign.
sign-role-owner = Owner
sign-role-tenant = Tenant
sign-role-family = Family
sign-role-agent = Acting for the customer
sign-result-signed = Signed
sign-result-declined = Would not sign
sign-result-absent = Nobody there to sign
sign-result-unable = Unable to sign
