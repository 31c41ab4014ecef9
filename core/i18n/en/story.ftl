# The telling of scenarios

story-opening = The office’s server runs on this machine, and these phones, each a process of its own: { $phones }. It is { $when }.
story-comma = { ", " }
story-start-shift = takes up the phone, { $amount } in the bag
story-close-shift = counts { $amount } and ends the day
story-start-visit = begins the visit for order { $number }
story-seen-raining-yes = it is raining
story-seen-raining-no = it is not raining
story-seen-renovation-yes = the home is being renovated
story-seen-renovation-no = the home is not being renovated
story-seen-adult-yes = an adult is there
story-seen-adult-no = no adult is there
story-seen-door-yes = the door opens
story-seen-door-no = the door stays closed
story-record = { $step }: { $value }
story-hand-over = hands { $amount } over to { $to }; both sign
story-take-cash = takes { $amount } over from badge { $badge } into the bag
story-invoice = writes down that an invoice is wanted for receipt { $counter }
story-draw-notice = takes a notice: { $number }
story-correct = corrects { $step }, which is now { $value }. Why: { $reason }
story-take-back = takes back { $step }. Why: { $reason }
story-explain = gives the reason: { $reason }
story-finding = { $told ->
    [both] Rule { $rule }, from { $source }. Recorded; it stops no work.
    [rule] Rule { $rule }. Recorded; it stops no work.
    [source] From { $source }. Recorded; it stops no work.
   *[neither] Recorded; it stops no work.
}
story-quote = quotes (version { $version }): { $lines }
story-line = { $name } { $quantity } × { $price }
story-line-free = { $name } { $quantity }, free
story-accept = the customer accepts quote { $version }
story-charge = charges { $line }
story-pay = takes the money and calls it out:
story-receipt = Receipt { $number }
story-sign = the statement is shown. { $how }: { $who }
story-finish = ends the visit: { $outcome }
story-take-photo = takes a photo: { $what }
story-photos = { $count } photos have arrived at the office
story-repeat = the same tap again: it counts once
story-cut = the process is killed in the middle of this tap; started again, it is tapped again
story-sync = exchanges with the office: { $sent } sent, { $received } received
story-sync-trouble = cannot exchange: { $why }
story-network-metered = has a metered network
story-photos-wifi-only = lets photos wait for Wi-Fi
story-photos-any = lets photos go on any network
story-photos-now = has the photos sent all the same
story-network-off = has no network any more
story-network-on = has network again
story-network-slow = has a bad network
story-kill = the process on the phone is killed (SIGKILL)
story-restart = the process starts again
story-reboot = the phone is switched off and on
story-backup = the system backs the phone’s file up
story-restore = an earlier copy of the phone’s file is put back
story-clock = the phone’s clock now shows { $time }
story-enrol = the phone is enrolled
story-enrol-again = the phone has a new certificate; what it had not sent goes on under it
story-open = opens order { $number }
story-assign = gives order { $number } to { $to }
story-cancel = cancels order { $number }: { $reason }
story-decide = decides { $rule } of order { $number }: { $choice }
story-revoke = revokes the phone of { $device }
story-release = decides what is held of the phone of { $device }: { $choice }
story-code = makes a one-time code for { $to }
story-publish = publishes { $key }
story-refused = refused: { $why }
story-phone-shows = the phone shows: { $headline }
story-no-conflicts = there is no conflict
story-conflicts = looks at the conflicts: { $count }
story-receipt-holds = receipt { $counter } is checked offline from its QR text: it holds, { $amount }, paid by { $payer }
story-refund-holds = refund { $counter } is checked offline from its QR text: it holds, { $amount }, given back to { $payer }
story-visit-holds = the visit of order { $number } is exported and checked: all { $events } records hold
story-outside-holds = The independent Python script (verify.py) says: { $line }
story-outside-refused = The independent Python script disagrees: { $why }
story-outside-not-run = The independent Python check was not run here: { $how }
story-ends-well = The end: all { $expectations } expectations are met.
story-ends-badly = The end: not as the scenario says. Of { $expectations } expectations { $missed } are not met; { $failures } steps went otherwise.
story-altered = one byte is altered, and it is checked again
story-void = makes receipt { $counter } void: { $reason }
story-refund = gives back what receipt { $counter } of { $device } allows
story-return-deposit = gives the deposit of receipt { $counter } of { $device } back
story-erase-photos = { $photos ->
    [0] removes all photos of { $order } at the customer's request
   *[other] removes photos of { $order } at the customer's request: { $named }
}
story-approve-refund = allows { $amount } of receipt { $counter } of { $device } to be given back
story-judge-claim = takes down what the provider says of receipt { $counter } of { $device }: { $result ->
    [settled] the money is there
   *[bounced] there was no such payment
 }
story-hazard = writes down a hazard: { $item }, grade { $grade }
story-duty = { $duty ->
    [tag] hangs the warning tag
    [notice] serves the notice { $number }
    [witness] names who saw it
    [photo-before] takes the picture before
    [photo-after] takes the picture after
   *[other] sees to what the grade asks for
 }
story-recheck-passed = looks again: mended
story-recheck-failed = looks again: not mended, grade { $grade }
story-shut-off = shuts off: { $what ->
    [appliance] the appliance
    [supply] the supply, on paper
   *[valve] the valve
 }
story-restore-gas = restores the gas
story-read-meter = reads meter { $meter }: { $value }
story-read-nothing = { ", nothing is computed" }
story-read-used = , { $usage } m³ used
story-read-preview = , { $usage } m³ used, about { $amount }
story-office = enters at the office: { $path }
story-told-reading = is told, for order { $number }: meter { $meter } shows { $value }
story-change = changes, of order { $number }: { $detail ->
    [phone] the customer's phone
    [access_note] how to get in
    [appointment] the appointment
    [no_appointment] the appointment, called off
   *[warning] a warning
  }
story-given-back = Given back: { $amount }
story-held = ⏸ Held back of the phone of { $device }, { $what }, records: { $count }. { $why }
story-pack = writes what is unsent to a file: { $count } records
story-carry = brings the file of { $device } to the office and takes the answer along
story-unpack = takes the answer in: { $sent } sent, { $received } received
story-server-backup = The server is backed up, and all of the backup is looked at: { $events } records are safe
story-server-restore = The server went back to its backup and starts in a new epoch
story-server-restore-untold = The server went back to its backup, and nobody told it
story-read-next = reads the meter of order { $number } in passing: { $value }
story-hand-visit = hands the visit of order { $number } over to { $device }
story-take-visit-back = takes the visit to { $number } back
story-take-visit = takes the visit of order { $number } over
