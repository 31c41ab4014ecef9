# 记录：一次上门服务中违反的规定

finding-limit-broken = { $step }：{ $message }
finding-too-often = { $step }：已做 { $times } 次，最多 { $most } 次。
finding-too-soon = { $step }：仅隔 { $passed } 秒就再做，至少要隔 { $least } 秒。
finding-duty-late = { $item }：“{ $duty }”用了 { $passed } 分钟，应在 { $within } 分钟内完成。
finding-out-of-order = { $step }：在“{ $after }”之后才做，应在其之前。
finding-missing = { $step }：没有做。
finding-after-sign-off = { $step }：在客户签名之后才记录，不在签名内容之内。
finding-after-finish = { $step }：在上门结束之后才记录。
finding-gate-open = 上门服务不应这样结束：{ $message }
finding-not-in-standard = { $step }：不在本次上门所用的服务规范之内。
visit-appointment = { $from } 至 { $to }{ $agreed ->
    [yes] ，已与客户约好
   *[no] { "" }
  }
