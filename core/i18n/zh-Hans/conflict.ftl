# 冲突：不能不加说明就同时成立的两件事

conflict-title = { $rule }：{ $title }
conflict-c1-title = 工单已取消，活却干完了
conflict-c1-rule = 办公室取消了工单，而师傅在无从得知的情况下完成了施工。两件事都留在记录里，是否收费由主管决定。
conflict-c2-title = 两位师傅上门做了同一张工单
conflict-c2-rule = 两位师傅互不知情，先后上门做了同一张工单。两次上门都留在记录里；先完成的一次算数，另一次的收费先作标记，由主管决定。
conflict-side-cancelled = { $time }  { $who } 取消了工单：{ $detail }
conflict-side-finished = { $time }  { $who } { $detail ->
    [completed] 完成了施工
    [made_safe] 做了安全处置
   *[other] 结束了上门
  }；收费：{ $charged }
conflict-side-visited = { $time }  { $who } 开始上门，{ $detail ->
    [completed] 之后已完成
    [made_safe] 之后做了安全处置
    [unfinished] 尚未结束
   *[other] 之后已结束
  }；收费：{ $charged }
conflict-nothing = 无
conflict-open = 待主管决定。在此之前：{ $choice }。
conflict-decided = { $who } 于 { $time } 决定：{ $choice }。
conflict-earlier = 新情况出现之前，{ $who } 于 { $time } 决定：{ $choice }。
conflict-choice-work-stands = 施工有效，照常收费
conflict-choice-work-stands-uncharged = 施工有效，费用退还
conflict-choice-first-counts = 先完成的一次上门算数
conflict-choice-both-count = 两次上门都算数，费用照收
