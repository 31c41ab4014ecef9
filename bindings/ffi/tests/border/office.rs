//! The office on loopback, and what He does there.

use std::{path::Path, sync::Arc, thread};

use doorstep::{
    base::{Hash, Id, Lang, Personal},
    event::VisitKind,
    money::PriceList,
    standard::{SHIPPED_PROFILE, SHIPPED_STANDARDS, Standard},
};
use doorstep_server::{
    Database, DiskKeyFile, Failure, OsEntropy, Parts, Server, Settings, SystemClock,
    rules::{self, Context},
    store::{Account, Role, Tx},
};

pub(crate) struct Office {
    server: Arc<Server>,
    he: String,
}

fn mei() -> Id {
    Id::from_hash(&Hash::of(&[b"Mei"]))
}

impl Office {
    /// A server in a directory, for as long as the test runs, and where it is reached. Mei is known
    /// there.
    pub(crate) fn open(directory: &Path) -> (Office, String) {
        let opened = Server::open(Parts {
            database: Database::File(&directory.join("server.db")),
            keys: &DiskKeyFile::new(directory.join("server.keys")),
            clock: Arc::new(SystemClock),
            entropy: Box::new(OsEntropy),
            settings: Settings::default(),
        })
        .unwrap();
        let server = opened.server;
        let he = rules::AccountInput {
            person: None,
            name: "He".into(),
            badge: String::new(),
            role: Role::Supervisor,
            bootstrap: opened.bootstrap,
        };
        let he = server.run(|tx, ctx| rules::add_account(tx, ctx, None, &he)).unwrap().token;
        let office = Office { server, he };
        let person =
            rules::PersonInput { id: Some(mei()), name: "Mei".into(), badge: "0417".to_owned() };
        office.by_he(|tx, ctx, _| rules::add_person(tx, ctx, &person));
        let url = office.listen();
        (office, url)
    }

    fn listen(&self) -> String {
        let server = Arc::clone(&self.server);
        let (tell, told) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                doorstep_server::serve(listener, server, std::future::pending()).await.unwrap();
            });
        });
        format!("http://{}", told.recv().unwrap())
    }

    pub(crate) fn by_he<T>(
        &self,
        mut rule: impl FnMut(&mut dyn Tx, &mut Context<'_>, &Account) -> Result<T, Failure>,
    ) -> T {
        let done = self.server.run(|tx, ctx| {
            let account = rules::authorise(tx, Some(&self.he), Role::Supervisor)?;
            rule(tx, ctx, &account)
        });
        done.unwrap()
    }

    /// A code for Mei's phone.
    pub(crate) fn code(&self) -> String {
        let input = rules::CodeInput { person: mei(), receipts: None };
        self.by_he(|tx, ctx, _| rules::add_code(tx, ctx, &input)).code
    }

    /// Publishes all that ships.
    pub(crate) fn publish_shipped(&self) {
        let standards = SHIPPED_STANDARDS.iter().map(|file| {
            let standard = Standard::load(file.text).unwrap();
            (format!("standard/{}", standard.id()), file.text)
        });
        let list = ("price-list".to_owned(), PriceList::example_text());
        let profile = ("profile".to_owned(), SHIPPED_PROFILE.text);
        for (key, text) in standards.chain([list, profile]) {
            let input = rules::StandingInput { key, text: text.to_owned() };
            self.by_he(|tx, ctx, _| rules::publish(tx, ctx, &input));
        }
    }

    /// An order of Mei's at a flat of the order's number; gives the premises.
    pub(crate) fn order(&self, kind: VisitKind, standard: &str, number: &str) -> Id {
        let premises = Id::from_hash(&Hash::of(&[number.as_bytes()]));
        let place = rules::PremisesInput {
            id: Some(premises),
            address: format!("Flat {number}, 8 Harbour Street"),
            building: "8 Harbour Street".to_owned(),
            stair: None,
            floor: 17,
            flat: Some(number.to_owned()),
            under_renovation: false,
            user: None,
        };
        self.by_he(|tx, ctx, _| rules::add_premises(tx, ctx, &place));
        self.order_at(premises, kind, standard, number);
        premises
    }

    /// An order of Mei's at premises that are there already.
    pub(crate) fn order_at(&self, premises: Id, kind: VisitKind, standard: &str, number: &str) {
        let input = rules::OrderInput {
            action: None,
            id: None,
            kind,
            premises,
            number: number.to_owned(),
            standard: standard.to_owned(),
            emergency: false,
            due: None,
            promises: Vec::new(),
            received: None,
            customer: rules::CustomerInput {
                name: Personal::new("Mrs Chan"),
                phone: None,
                report: None,
                special_need: None,
                lang: Some(Lang::En),
            },
        };
        let order = self.by_he(|tx, ctx, by| rules::open_order(tx, ctx, by, &input));
        let to = rules::AssignInput { action: None, to: mei() };
        self.by_he(|tx, ctx, by| rules::assign(tx, ctx, by, order, &to));
    }
}
