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

notice-c1-work-stands = Order { $number } was cancelled while you worked on it. Decided: your work stands and is charged.
notice-c1-work-stands-uncharged = Order { $number } was cancelled while you worked on it. Decided: the work stands, the customer gets the charges back.
notice-c2-first-counts = Two technicians visited for order { $number }. Decided: the visit that was finished first counts.
notice-c2-both-count = Two technicians visited for order { $number }. Decided: both visits count.
notice-decided = Order { $number }: { $title }. Decided: { $choice }.
notice-decided-own = Receipts or a shift of your phone: { $title }. Decided: { $choice }.
notice-other = Order { $number }: decided under rule { $rule }: { $choice }. Update the app to read it in words.
notice-other-own = Decided under rule { $rule }: { $choice }. Update the app to read it in words.

visit-ended = Ended at { $when }: { $outcome }
visit-progress = { $done } of { $required } done
limit-times = At most { $most } times.
limit-between = Wait at least { $least } s before doing it again.

answer-done = Done
answer-written = Written down
answer-photo = Photo taken
answer-seconds = { $seconds } s
answer-comma = { ", " }
answer-item = { $item }: { $answer }
item-pass = in order
item-hazard = hazard
item-not-applicable = not applicable
item-not-checkable = could not be checked

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

sync-unsent-none = Everything recorded on this phone is with the office.
sync-unsent = Not with the office yet: { $count }, since { $since }
sync-last = Last exchange: { $when }
sync-never = No exchange yet
sync-trouble-offline = No connection
sync-trouble-not-our-server = Something else answered instead of the office
sync-trouble-server-busy = The office’s server is busy
sync-trouble-refused = The office no longer accepts this phone
sync-trouble-needs-newer-app = The office’s server needs a newer version of this app
sync-do-offline = Go on working: everything is kept here and goes out when there is a connection.
sync-do-not-our-server = Open the browser to sign in to this network, or change to another one.
sync-do-server-busy = Nothing to do: it is tried again shortly.
sync-do-refused = Ask the office for a new enrolment code. Nothing recorded here is lost.
sync-do-needs-newer-app = Update the app. Nothing recorded here is lost.
sync-held = Records the office holds back until a supervisor decides: { $count }
sync-statement = The office holds all { $count } records of this phone, as of { $when }.
