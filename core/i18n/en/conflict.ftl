# Conflicts: two facts that cannot both stand unremarked

conflict-title = { $rule }: { $title }
conflict-side-cancelled = { $time }  { $who } cancelled the order: { $detail }
conflict-side-finished = { $time }  { $who } { $detail ->
    [completed] completed the work
    [made_safe] made it safe
   *[other] ended the visit
  }; charged: { $charged }
conflict-side-visited = { $time }  { $who } began a visit, { $detail ->
    [completed] completed since
    [made_safe] made safe since
    [unfinished] not finished
   *[other] ended since
  }; charged: { $charged }
conflict-side-assigned = { $time }  { $who } gave the order to { $to }
conflict-side-expired = { $time }  { $who } closed the order as expired: { $detail }
conflict-side-signed = { $time }  the customer signed with { $who }; charged then: { $charged }
conflict-side-charged = { $time }  { $who } charged more; charged now: { $charged }
conflict-side-corrected = { $time }  { $who } corrected what was signed for; charged now: { $charged }
conflict-side-standard-published = { $time }  version { $version } of standard { $standard } was published, mandatory from { $from }
conflict-side-visited-by = { $time }  { $who } visited by version { $version }
conflict-side-photo-taken = { $time }  { $who } took a photo
conflict-side-photo-awaited = { $time }  the photo should have arrived by then
conflict-side-prices-published = { $time }  version { $version } of the price list was published; by it: { $new }, a difference of { $difference }
conflict-side-prices-in-force = { $time }  version { $version } of the price list was in force that day; by it: { $new }, a difference of { $difference }
conflict-side-quoted = { $time }  the customer accepted { $who }'s quote by version { $version }: { $old }
conflict-side-opened = { $time }  { $who } opened order { $number }
conflict-side-worked = { $time }  { $who } did the work of order { $number }; charged: { $charged }
conflict-side-moved-out = { $time }  the customer had moved out ({ $who } entered it)
conflict-side-signed-by = { $time }  somebody signed with { $who }
conflict-nothing = nothing
conflict-open = Open: a { $looks ->
    [dispatcher] dispatcher
   *[supervisor] supervisor
  } must decide. Until then: { $choice }.
conflict-decided = Decided by { $who }, { $time }: { $choice }.
conflict-earlier = Decided before newer facts came, by { $who }, { $time }: { $choice }.
conflict-looks-dispatcher = dispatcher
conflict-looks-supervisor = supervisor
conflict-server = the server
conflict-hidden = (not visible)
conflict-side-read = { $time }  { $who } read meter { $meter }: { $value }
conflict-side-sent = { $time }  meter { $meter } sent: { $value }
conflict-side-closed = { $time }  { $who } found it mended: { $item }
conflict-side-found-worse = { $time }  { $who } found it not mended: { $item }, grade { $grade }
conflict-side-shut-off = { $time }  { $who } shut the gas off
conflict-side-restored = { $time }  { $who } restored the gas
conflict-side-gave-back = { $time }  { $who } gave back { $amount } of receipt { $number }
conflict-side-gave-deposit-back = { $time }  { $who } gave { $amount } of deposit receipt { $number } back, order { $order }; it was for { $paid }
conflict-side-took-money = { $time }  { $who } took { $amount } on the visit against receipt { $number }
conflict-side-desk-took-money = { $time }  { $who } took { $amount } at the desk against receipt { $number }
conflict-side-set-phone = { $time }  { $who } wrote down the phone { $value }
conflict-side-set-access-note = { $time }  { $who } wrote down how to get in: { $value }
conflict-side-agreed-appointment = { $time }  { $who } agreed with the customer: { $from } to { $to }
conflict-side-planned-appointment = { $time }  { $who } planned: { $from } to { $to }
conflict-side-called-appointment-off = { $time }  { $who } called the appointment off
conflict-side-put-warning-up = { $time }  { $who } warned: { $code }
conflict-side-took-warning-away = { $time }  { $who } took the warning away: { $code }
conflict-side-wrong-clock = { $time }  { $who } recorded this; the device's clock said { $wall }
conflict-side-asked-erasure = { $time }  { $who } wrote down that the customer asks to be forgotten
conflict-side-held-back = { $time }  { $who } recorded what is held back; entries: { $count }
conflict-side-had-first = { $time }  { $who } recorded what the office had first; entries: { $count }
conflict-side-worked-unsent = { $time }  { $who } went on with the order, and it was sent later
conflict-side-issued-receipt = { $time }  { $who } issued receipt { $number } for order { $order }: { $amount }
conflict-side-read-crossed = { $time }  { $who } read meter { $meter } where { $expected } is on record, order { $number }: { $value }
conflict-side-bottle-delivered = { $time }  { $who } handed over bottle { $code }, order { $number }
conflict-side-bottle-returned = { $time }  { $who } took back bottle { $code }, order { $number }
