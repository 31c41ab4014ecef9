# 劇本的講述

story-opening = 辦公室的伺服器在本機運行；以下手機各為一個獨立程序：{ $phones }。現在是 { $when }。
story-comma = { "、" }
story-start-shift = 上班，包裏備用金 { $amount }
story-close-shift = 交班，點得現金 { $amount }
story-start-visit = 開始上門：工單 { $number }
story-seen-raining-yes = 正在下雨
story-seen-raining-no = 沒有下雨
story-seen-renovation-yes = 住所正在裝修
story-seen-renovation-no = 住所沒有裝修
story-seen-adult-yes = 有成年人在場
story-seen-adult-no = 沒有成年人在場
story-seen-door-yes = 門開了
story-seen-door-no = 門沒有開
story-record = { $step }：{ $value }
story-hand-over = 把 { $amount } 交給 { $to }，雙方簽字
story-take-cash = 從工號 { $badge } 接過 { $amount }，放進包裏
story-invoice = 記下第 { $counter } 號收據要開發票
story-draw-notice = 取一張通知單：{ $number }
story-correct = 更正「{ $step }」為：{ $value }。原因：{ $reason }
story-take-back = 撤回「{ $step }」。原因：{ $reason }
story-explain = 說明原因：{ $reason }
story-finding = { $told ->
    [both] 規則 { $rule }，出處 { $source }。已記錄，不攔阻工程。
    [rule] 規則 { $rule }。已記錄，不攔阻工程。
    [source] 出處 { $source }。已記錄，不攔阻工程。
   *[neither] 已記錄，不攔阻工程。
}
story-quote = 報價（第 { $version } 版）：{ $lines }
story-line = { $name } { $quantity } × { $price }
story-line-free = { $name } { $quantity }，免費
story-accept = 客戶同意第 { $version } 版報價
story-charge = 收費：{ $line }
story-pay = 收款，唱收唱付：
story-receipt = 收據 { $number }
story-sign = 客戶確認，{ $how }：{ $who }
story-finish = 上門結束：{ $outcome }
story-take-photo = 拍照：{ $what }
story-photos = { $count } 張照片已送達辦公室
story-repeat = 同一下又點了一次：只算一次
story-cut = 點下的一瞬間，程式被強行結束；重新啟動後再點同一下
story-sync = 與辦公室交換：送出 { $sent } 條，收到 { $received } 條
story-sync-trouble = 交換不成：{ $why }
story-network-metered = 用上按流量計費的網路
story-photos-wifi-only = 讓照片等 Wi-Fi 再傳
story-photos-any = 讓照片用任何網路上傳
story-photos-now = 要求照片馬上上傳
story-network-off = 斷網
story-network-on = 網絡恢復
story-network-slow = 網絡很慢，或會中斷
story-kill = 手機上的程式被強行結束（SIGKILL）
story-restart = 程式重新啟動
story-reboot = 手機重新開機
story-backup = 系統備份了手機的檔案
story-restore = 手機的檔案被還原成舊備份
story-clock = 手機時鐘現在顯示 { $time }
story-enrol = 手機已登記
story-enrol-again = 手機換了新證書，未發出的記錄由新證書接手
story-open = 開出工單 { $number }
story-assign = 把工單 { $number } 派給 { $to }
story-cancel = 取消工單 { $number }：{ $reason }
story-decide = 就工單 { $number } 的 { $rule } 作出決定：{ $choice }
story-revoke = 停用手機：{ $device }
story-release = 決定 { $device } 手機被暫存的記錄：{ $choice }
story-code = 給 { $to } 發一次性登記碼
story-publish = 發佈 { $key }
story-refused = 被拒絕：{ $why }
story-phone-shows = 手機顯示：{ $headline }
story-no-conflicts = 沒有衝突
story-conflicts = 要看的衝突：{ $count } 項
story-receipt-holds = 離線核對收據 { $counter }：有效，{ $amount }，付款人 { $payer }
story-refund-holds = 離線核對退款單 { $counter } 的二維碼文字：有效，{ $amount }，退給 { $payer }
story-visit-holds = 匯出工單 { $number } 的上門記錄並核對：{ $events } 條記錄全部有效
story-outside-holds = 獨立的 Python 程式（verify.py）：{ $line }
story-outside-refused = 獨立的 Python 程式不認可：{ $why }
story-outside-not-run = 這裡沒有運行獨立的 Python 核對：{ $how }
story-ends-well = 結束：{ $expectations } 項預期全部符合。
story-ends-badly = 結束：與劇本不符。預期 { $expectations } 項，其中 { $missed } 項不符；{ $failures } 個步驟與劇本不同。
story-altered = 改動一個位元組，再核對一次
story-void = 作廢第 { $counter } 號收據：{ $reason }
story-refund = 按批准退還 { $device } 第 { $counter } 號收據的款項
story-return-deposit = 退還 { $device } 第 { $counter } 號收據的押金
story-erase-photos = { $photos ->
    [0] 應客戶要求刪除 { $order } 的全部照片
   *[other] 應客戶要求刪除 { $order } 的照片：{ $named }
}
story-approve-refund = 批准退還 { $device } 第 { $counter } 號收據中的 { $amount }
story-judge-claim = 記下支付機構對 { $device } 第 { $counter } 號收據的答覆：{ $result ->
    [settled] 款項已到帳
   *[bounced] 沒有這筆付款
 }
story-hazard = 記錄隱患：{ $item }，{ $grade } 級
story-duty = { $duty ->
    [tag] 掛上警示牌
    [notice] 送達通知單 { $number }
    [witness] 寫下見證人
    [photo-before] 處置前拍照
    [photo-after] 處置後拍照
   *[other] 完成該等級要求的事項
 }
story-recheck-passed = 複檢：已整改
story-recheck-failed = 複檢：未整改，{ $grade } 級
story-shut-off = 關閉：{ $what ->
    [appliance] 爐具前閥
    [supply] 停止供氣（紙本單據）
   *[valve] 入戶閥
 }
story-restore-gas = 恢復供氣
story-read-meter = 抄錶 { $meter }：{ $value }
story-read-nothing = ，不計算用量
story-read-used = ，用量 { $usage } 立方米
story-read-preview = ，用量 { $usage } 立方米，約 { $amount }
story-office = 向辦公室登記：{ $path }
story-told-reading = 收到工單 { $number } 的自報或上傳讀數：錶 { $meter }，{ $value }
story-change = 改動工單 { $number }：{ $detail ->
    [phone] 客戶電話
    [access_note] 入戶須知
    [appointment] 上門時間
    [no_appointment] 取消上門時間
   *[warning] 安全提示
  }
story-given-back = 退還：{ $amount }
story-held = ⏸ 扣下：{ $device }的手機，{ $what }，{ $count } 條記錄。{ $why }
story-pack = 把未傳的寫成檔案：{ $count } 條記錄
story-carry = 把 { $device } 的檔案帶到辦公室，並帶回回執
story-unpack = 讀入回執：送出 { $sent } 條，收到 { $received } 條
story-server-backup = 伺服器已備份，備份逐條核對過：{ $events } 條記錄已安全
story-server-restore = 伺服器還原到備份，開始新的一期
story-server-restore-untold = 伺服器還原到備份，但沒有人告訴它
story-read-next = 順路抄工單 { $number } 的錶：{ $value }
story-hand-visit = 把工單 { $number } 的上門移交給 { $device }
story-take-visit-back = 收回 { $number } 的上門
story-take-visit = 接手工單 { $number } 的上門
