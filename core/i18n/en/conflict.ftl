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
