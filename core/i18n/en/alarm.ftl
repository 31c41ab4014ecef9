# What the office is reminded of

alarm-complaint-due = Complaint { $number } must be seen to before { $due }.
alarm-complaint-overdue = Complaint { $number } is overdue: its time was up at { $due }.
alarm-emergency-due = Emergency { $number } must be seen to before { $due }.
alarm-emergency-overdue = Emergency { $number } is overdue: its time was up at { $due }. Follow it through now.
