//! Machines fail.

use doorstep_fault_vfs::{Fault, Lasting};

use crate::{
    history::{DiskFault, What},
    phone::Phone,
    world::World,
};

impl World {
    /// Machines fail.
    pub(crate) fn trouble(&mut self, n: u32, what: &What) -> String {
        match what {
            What::ServerKill => self.office.kill(),
            What::ServerPower { after } => {
                self.office.armed = true;
                self.office.disk.power_loss_after(*after);
            }
            What::ServerFail { fault, after } => {
                self.office.armed = true;
                self.office.disk.fail_after(*after, disk_fault(*fault), Lasting::Once);
            }
            What::Clone { device, copy } => {
                if self.phones.contains_key(copy) {
                    return String::new();
                }
                let Some(phone) = self.phones.get_mut(device) else { return String::new() };
                let Some(id) = phone.engine().ok().and_then(|engine| engine.device()) else {
                    return String::new();
                };
                let copied = phone.copied(*copy);
                self.phones.insert(*copy, copied);
                self.book.cloned.insert(id);
            }
            What::Poison { device } => {
                let Some(phone) = self.phones.get_mut(device) else { return String::new() };
                let id = phone.engine().ok().and_then(|engine| engine.device());
                if let (Some(id), Ok(())) = (id, phone.poison(n)) {
                    self.book.poisoned.insert(id);
                }
                if phone.disk.is_off() {
                    phone.boot_anew();
                }
            }
            What::Kill { device }
            | What::Power { device, .. }
            | What::Fail { device, .. }
            | What::Heal { device }
            | What::SetClock { device, .. }
            | What::Reboot { device } => {
                if let Some(phone) = self.phones.get_mut(device) {
                    phone_trouble(phone, what);
                }
            }
            _ => {}
        }
        String::new()
    }
}

fn phone_trouble(phone: &mut Phone, what: &What) {
    match what {
        What::Kill { .. } => phone.kill(),
        What::Reboot { .. } => phone.boot_anew(),
        What::Heal { .. } => phone.heal(),
        What::SetClock { off_ms, .. } => phone.off_ms = *off_ms,
        // A sync that failed and a power loss before anything else was written may cost what was
        // confirmed: the core says so, and no program can do better on such a disk.
        What::Power { after, .. } if !phone.in_doubt => {
            phone.armed = true;
            phone.disk.power_loss_after(*after);
        }
        What::Fail { fault, after, lasting, .. } => {
            if *fault == DiskFault::Sync {
                phone.heal();
                phone.in_doubt = true;
            }
            phone.armed = true;
            let lasting = if *lasting { Lasting::UntilHealed } else { Lasting::Once };
            phone.disk.fail_after(*after, disk_fault(*fault), lasting);
        }
        _ => {}
    }
}

fn disk_fault(fault: DiskFault) -> Fault {
    match fault {
        DiskFault::Full => Fault::Full,
        DiskFault::Write => Fault::WriteError,
        DiskFault::Sync => Fault::SyncError,
    }
}
