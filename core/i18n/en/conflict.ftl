# Conflicts: two facts that cannot both stand unremarked

conflict-title = { $rule }: { $title }
conflict-c1-title = cancelled, but the work was done
conflict-c1-rule = The office cancelled an order, and a technician who could not know finished the work. Both stay on record; a supervisor decides whether it is charged.
conflict-c2-title = two technicians visited the same order
conflict-c2-rule = Two technicians visited one order without knowing of each other. Both visits stay on record; the first that finished counts, the other's charges are flagged until a supervisor decides.
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
conflict-nothing = nothing
conflict-open = Open: a supervisor must decide. Until then: { $choice }.
conflict-decided = Decided by { $who }, { $time }: { $choice }.
conflict-earlier = Decided before newer facts came, by { $who }, { $time }: { $choice }.
conflict-choice-work-stands = the work stands and is charged
conflict-choice-work-stands-uncharged = the work stands, its charges are given back
conflict-choice-first-counts = the first finished visit counts
conflict-choice-both-count = both visits count, charges and all
