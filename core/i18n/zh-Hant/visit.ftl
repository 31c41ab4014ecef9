# 記錄：一次上門服務中違反的規定

finding-limit-broken = { $step }：{ $message }
finding-too-often = { $step }：已做 { $times } 次，最多 { $most } 次。
finding-too-soon = { $step }：僅隔 { $passed } 秒就再做，至少要隔 { $least } 秒。
finding-duty-late = { $item }：「{ $duty }」用了 { $passed } 分鐘，應在 { $within } 分鐘內完成。
finding-out-of-order = { $step }：在「{ $after }」之後才做，應在其之前。
finding-missing = { $step }：沒有做。
finding-after-sign-off = { $step }：在客戶簽名之後才記錄，不在簽名內容之內。
finding-after-finish = { $step }：在上門結束之後才記錄。
finding-gate-open = 上門服務不應這樣結束：{ $message }
finding-not-in-standard = { $step }：不在本次上門所用的服務規範之內。
visit-appointment = { $from } 至 { $to }{ $agreed ->
    [yes] ，已與客戶約好
   *[no] { "" }
  }
