# 用公司公鑰核對收據和匯出的上門記錄

verify-receipt-holds = 收據有效：{ $number }，由公司的裝置開出，之後未被改動。
verify-refund-holds = 退款單有效：{ $number }，由公司的裝置開出，之後未被改動。
verify-visit-holds = 匯出有效：{ $streams } 條記錄流，共 { $events } 條記錄，均由公司裝置或辦公室簽署，無缺失，無改動。
verify-fails = 核對不通過：{ $reason }
verify-when = 時間
verify-device = 裝置
verify-running = 本系列累計
verify-stream = { $subject }，由{ $writer }記錄：
verify-office = 辦公室
verify-by-device = 裝置 { $device }
verify-work-order = 工單 { $id }
verify-shift = 班次 { $id }
verify-receipt-series = 收據系列 { $id }
verify-complaint-case = 投訴個案 { $id }
verify-statement-holds = 截至 { $when } UTC，公司已收到裝置 { $device } 的全部記錄：{ $recorded } 條中的 { $held } 條。
verify-statement-lacks = 聲明成立，但記錄不全：截至 { $when } UTC，裝置 { $device } 記錄了 { $recorded } 條，公司收到 { $held } 條，尚缺照片 { $photos } 張。請勿清除該手機，先讓它同步。
