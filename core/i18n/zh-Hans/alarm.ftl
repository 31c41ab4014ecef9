# What the office is reminded of

alarm-complaint-due = 投诉 { $number } 须在 { $due } 前处理。
alarm-complaint-overdue = 投诉 { $number } 已超时：期限为 { $due }。
alarm-emergency-due = 抢险任务 { $number } 须在 { $due } 前处理。
alarm-emergency-overdue = 抢险任务 { $number } 已超时：期限为 { $due }。请立即跟进到底。
