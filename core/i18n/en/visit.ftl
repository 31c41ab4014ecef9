# Findings: rules a visit broke

finding-limit-broken = { $step }: { $message }
finding-too-often = { $step }: done { $times } times; at most { $most } are allowed.
finding-too-soon = { $step }: done again after { $passed } s; wait at least { $least } s.
finding-duty-late = { $item }: “{ $duty }” after { $passed } minutes; within { $within } is due.
finding-out-of-order = { $step }: done after “{ $after }”, which comes later.
finding-missing = { $step }: not done.
finding-after-sign-off = { $step }: recorded after the customer signed, so it is not part of what they signed.
finding-after-finish = { $step }: recorded after the visit had ended.
finding-gate-open = The visit ended although it should not: { $message }
finding-not-in-standard = { $step }: not in the standard this visit follows.
visit-appointment = { $from } to { $to }{ $agreed ->
    [yes] , agreed with the customer
   *[no] { "" }
  }
