# 用公司公钥核对收据和导出的上门记录

verify-receipt-holds = 收据有效：{ $number }，由公司的设备开出，之后未被改动。
verify-refund-holds = 退款单有效：{ $number }，由公司的设备开出，之后未被改动。
verify-visit-holds = 导出有效：{ $streams } 条记录流，共 { $events } 条记录，均由公司设备或办公室签署，无缺失，无改动。
verify-fails = 核对不通过：{ $reason }
verify-when = 时间
verify-device = 设备
verify-running = 本系列累计
verify-stream = { $subject }，由{ $writer }记录：
verify-office = 办公室
verify-by-device = 设备 { $device }
verify-work-order = 工单 { $id }
verify-shift = 班次 { $id }
verify-receipt-series = 收据系列 { $id }
verify-complaint-case = 投诉个案 { $id }
verify-statement-holds = 截至 { $when } UTC，公司已收到设备 { $device } 的全部记录：{ $recorded } 条中的 { $held } 条。
verify-statement-lacks = 声明成立，但记录不全：截至 { $when } UTC，设备 { $device } 记录了 { $recorded } 条，公司收到 { $held } 条，尚缺照片 { $photos } 张。请勿清除该手机，先让它同步。
