//! The files that ship inside the program, so that a phone has them before its first exchange.

/// A file of `standards/`, as it was when this was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShippedFile {
    /// Its name without the ending, like `repair`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The standards that ship.
pub const SHIPPED_STANDARDS: [ShippedFile; 6] = [
    ShippedFile { name: "repair", text: include_str!("../../../standards/repair.toml") },
    ShippedFile {
        name: "installation",
        text: include_str!("../../../standards/installation.toml"),
    },
    ShippedFile { name: "inspection", text: include_str!("../../../standards/inspection.toml") },
    ShippedFile {
        name: "meter_reading",
        text: include_str!("../../../standards/meter_reading.toml"),
    },
    ShippedFile { name: "delivery", text: include_str!("../../../standards/delivery.toml") },
    ShippedFile { name: "call_back", text: include_str!("../../../standards/call_back.toml") },
];

/// The office's promises that ship: example data to start from.
pub const SHIPPED_PROMISES: ShippedFile = ShippedFile {
    name: "service-promises",
    text: include_str!("../../../standards/service-promises.toml"),
};

/// The calendar that ships: example data to start from.
pub const SHIPPED_CALENDAR: ShippedFile =
    ShippedFile { name: "calendar", text: include_str!("../../../standards/calendar.toml") };

/// The profile that ships: a default for the utility to edit.
pub const SHIPPED_PROFILE: ShippedFile = ShippedFile {
    name: "profile-guangdong",
    text: include_str!("../../../standards/profile-guangdong.toml"),
};

/// The text of the shipped file with this name, whatever it holds.
pub fn shipped(name: &str) -> Option<&'static str> {
    let mut files =
        SHIPPED_STANDARDS.iter().chain([&SHIPPED_PROMISES, &SHIPPED_CALENDAR, &SHIPPED_PROFILE]);
    files.find(|file| file.name == name).map(|file| file.text)
}
