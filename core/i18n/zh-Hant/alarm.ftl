# What the office is reminded of

alarm-complaint-due = 投訴 { $number } 須在 { $due } 前處理。
alarm-complaint-overdue = 投訴 { $number } 已逾時：期限為 { $due }。
alarm-emergency-due = 搶險任務 { $number } 須在 { $due } 前處理。
alarm-emergency-overdue = 搶險任務 { $number } 已逾時：期限為 { $due }。請立即跟進到底。
