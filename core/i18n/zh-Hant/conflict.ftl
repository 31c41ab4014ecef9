# 衝突：不能不加說明就同時成立的兩件事

conflict-title = { $rule }：{ $title }
conflict-c1-title = 工單已取消，工程卻已完成
conflict-c1-rule = 辦公室取消了工單，而師傅在無從得知的情況下完成了工程。兩件事都留在記錄裏，是否收費由主管決定。
conflict-c2-title = 兩位師傅上門做了同一張工單
conflict-c2-rule = 兩位師傅互不知情，先後上門做了同一張工單。兩次上門都留在記錄裏；先完成的一次算數，另一次的收費先作標記，由主管決定。
conflict-side-cancelled = { $time }  { $who } 取消了工單：{ $detail }
conflict-side-finished = { $time }  { $who } { $detail ->
    [completed] 完成了工程
    [made_safe] 做了安全處置
   *[other] 結束了上門
  }；收費：{ $charged }
conflict-side-visited = { $time }  { $who } 開始上門，{ $detail ->
    [completed] 之後已完成
    [made_safe] 之後做了安全處置
    [unfinished] 尚未結束
   *[other] 之後已結束
  }；收費：{ $charged }
conflict-nothing = 無
conflict-open = 待主管決定。在此之前：{ $choice }。
conflict-decided = { $who } 於 { $time } 決定：{ $choice }。
conflict-earlier = 新情況出現之前，{ $who } 於 { $time } 決定：{ $choice }。
conflict-choice-work-stands = 工程有效，照常收費
conflict-choice-work-stands-uncharged = 工程有效，費用退還
conflict-choice-first-counts = 先完成的一次上門算數
conflict-choice-both-count = 兩次上門都算數，費用照收
