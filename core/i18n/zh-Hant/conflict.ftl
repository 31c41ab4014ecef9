# 衝突：不能不加說明就同時成立的兩件事

conflict-title = { $rule }：{ $title }
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
conflict-side-assigned = { $time }  { $who } 把工單改派給{ $to }
conflict-side-expired = { $time }  { $who } 按過期關閉了工單：{ $detail }
conflict-side-signed = { $time }  客戶在 { $who } 處簽字；當時收費：{ $charged }
conflict-side-charged = { $time }  { $who } 又加了收費；現收費：{ $charged }
conflict-side-corrected = { $time }  { $who } 更正了已簽字的內容；現收費：{ $charged }
conflict-side-standard-published = { $time }  標準 { $standard } 第 { $version } 版已發佈，自 { $from } 起必須執行
conflict-side-visited-by = { $time }  { $who } 按第 { $version } 版上門
conflict-side-photo-taken = { $time }  { $who } 拍了一張照片
conflict-side-photo-awaited = { $time }  照片最遲應在此時送達
conflict-side-prices-published = { $time }  價目表第 { $version } 版已發佈；按新價：{ $new }，差額：{ $difference }
conflict-side-prices-in-force = { $time }  當日適用的是價目表第 { $version } 版；按該版：{ $new }，差額：{ $difference }
conflict-side-quoted = { $time }  客戶接受了 { $who } 按第 { $version } 版的報價：{ $old }
conflict-side-opened = { $time }  { $who } 開了工單 { $number }
conflict-side-worked = { $time }  { $who } 在工單 { $number } 上做完；收費：{ $charged }
conflict-side-moved-out = { $time }  客戶已搬走（{ $who } 登記）
conflict-side-signed-by = { $time }  { $who } 處有人簽字
conflict-nothing = 無
conflict-open = 待{ $looks ->
    [dispatcher] 調度員
   *[supervisor] 主管
  }決定。在此之前：{ $choice }。
conflict-decided = { $who } 於 { $time } 決定：{ $choice }。
conflict-earlier = 新情況出現之前，{ $who } 於 { $time } 決定：{ $choice }。
conflict-looks-dispatcher = 調度員
conflict-looks-supervisor = 主管
conflict-server = 伺服器
conflict-hidden = （不可見）
conflict-side-read = { $time }  { $who } 抄錶 { $meter }：{ $value }
conflict-side-sent = { $time }  燃氣錶 { $meter } 上傳：{ $value }
conflict-side-closed = { $time }  { $who } 複檢已整改：{ $item }
conflict-side-found-worse = { $time }  { $who } 發現未整改：{ $item }，{ $grade } 級
conflict-side-shut-off = { $time }  { $who } 關閉了燃氣
conflict-side-restored = { $time }  { $who } 恢復了供氣
conflict-side-gave-back = { $time }  { $who } 退還了第 { $number } 號收據的 { $amount }
conflict-side-gave-deposit-back = { $time }  { $who } 在工單 { $order } 退還押金收據 { $number } 的 { $amount }；該收據為 { $paid }
conflict-side-took-money = { $time }  { $who } 上門收款 { $amount }，收據 { $number }
conflict-side-desk-took-money = { $time }  { $who } 在營業廳收款 { $amount }，收據 { $number }
conflict-side-set-phone = { $time }  { $who } 記下電話 { $value }
conflict-side-set-access-note = { $time }  { $who } 記下入戶須知：{ $value }
conflict-side-agreed-appointment = { $time }  { $who } 與客戶約好：{ $from } 至 { $to }
conflict-side-planned-appointment = { $time }  { $who } 排定：{ $from } 至 { $to }
conflict-side-called-appointment-off = { $time }  { $who } 取消了約定的上門時間
conflict-side-put-warning-up = { $time }  { $who } 提示注意：{ $code }
conflict-side-took-warning-away = { $time }  { $who } 取消提示：{ $code }
conflict-side-wrong-clock = { $time }  { $who } 記下了這一項；設備的時鐘顯示 { $wall }
conflict-side-asked-erasure = { $time }  { $who } 記下：客戶要求刪除個人資料
conflict-side-held-back = { $time }  { $who } 記錄了被暫存的內容，共 { $count } 條
conflict-side-had-first = { $time }  { $who } 記錄了公司先收到的內容，共 { $count } 條
conflict-side-worked-unsent = { $time }  { $who } 繼續處理這張工單，之後才傳來
conflict-side-issued-receipt = { $time }  { $who } 為工單 { $order } 開出收據 { $number }：{ $amount }
conflict-side-read-crossed = { $time }  { $who } 在工單 { $number } 抄到錶 { $meter }，而登記的是 { $expected }：{ $value }
conflict-side-bottle-delivered = { $time }  { $who } 交付氣瓶 { $code }，工單 { $number }
conflict-side-bottle-returned = { $time }  { $who } 收回氣瓶 { $code }，工單 { $number }
