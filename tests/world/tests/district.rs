//! The premises of the district arrive as deltas, and are found as one types.

use doorstep::{
    base::{Id, Instant, Lang, Personal},
    meter::MeterRecord,
    screen::SearchScreen,
};
use doorstep_server::rules::{
    CustomerInput, DistrictInput, MetersInput, OrderInput, PremisesInput,
};
use doorstep_tests::{Office, World, id};

fn flat(building: u32, stair: u32, flat: u32) -> PremisesInput {
    let address = format!("滨江路{building}号 {stair}单元 {flat}");
    PremisesInput {
        id: Some(id(&address)),
        address,
        building: format!("滨江路{building}号"),
        stair: Some(format!("{stair}单元")),
        floor: i32::try_from(flat / 100).expect("a floor"),
        flat: Some(flat.to_string()),
        under_renovation: false,
        user: None,
    }
}

fn meter(premises: &PremisesInput, number: &str) -> MetersInput {
    let meter = MeterRecord {
        number: number.to_owned(),
        digits: 5,
        last: 1_255,
        last_at: Instant(1_796_000_000_000),
        last_actual: None,
        estimates: 0,
        usual: Some(40),
        used_this_year: 0,
        people: 3,
        seal: None,
        card_sold: None,
    };
    MetersInput { premises: premises.id.expect("an id"), meters: vec![meter] }
}

/// Ten buildings of six stairs with ten flats each, the first with a meter.
fn district() -> DistrictInput {
    let mut premises = Vec::new();
    for building in 1..=10 {
        for stair in 1..=6 {
            premises.extend((1..=10).map(|floor| flat(building, stair, floor * 100 + 1)));
        }
    }
    let meters = vec![meter(&premises[0], "G25-00417731")];
    DistrictInput { premises, meters, gone: Vec::new() }
}

fn search(world: &mut World, typed: &str) -> SearchScreen {
    world.phone("Mei").engine().search(typed, Lang::En).expect("a screen")
}

fn addresses(screen: &SearchScreen) -> Vec<&str> {
    screen.rows.iter().map(|row| row.address.as_str()).collect()
}

#[test]
fn a_district_arrives_once_and_later_only_what_changed() {
    let mut world = World::with_phones();
    let first = world.office.change_district(&district()).expect("kept");
    assert_eq!(first.changed, 601);
    assert!(first.documents < 10, "hundreds to a document: {first:?}");
    world.exchange("Mei");
    let mei = world.phone("Mei");
    // And Mrs Chan's, which the office added alone.
    assert_eq!(mei.engine().store().premises_count().expect("readable"), 601);

    let again = world.office.change_district(&district()).expect("kept");
    assert_eq!((again.changed, again.documents), (0, 0));
    let mut next = district();
    next.premises[7].under_renovation = true;
    next.gone = vec![id("滨江路10号 6单元 1001")];
    next.premises.pop();
    let changed = world.office.change_district(&next).expect("kept");
    assert_eq!((changed.changed, changed.documents), (2, 1));
    world.exchange("Mei");
    assert_eq!(world.phone("Mei").engine().store().premises_count().expect("readable"), 600);
    let left = search(&mut world, "10号 6单元 1001");
    assert!(!addresses(&left).contains(&"滨江路10号 6单元 1001"), "{left:?}");
}

#[test]
fn premises_are_found_by_any_part_of_address_building_and_meter_number() {
    let mut world = World::with_phones();
    world.office.change_district(&district()).expect("kept");
    world.exchange("Mei");
    // Two characters, one, a flat's number, and all of it without a gap or in Chinese numerals.
    assert!(search(&mut world, "江路").more);
    assert!(search(&mut world, "滨").more);
    assert_eq!(addresses(&search(&mut world, "路7号 2单元 301")), ["滨江路7号 2单元 301"]);
    assert_eq!(addresses(&search(&mut world, "滨江路7号2单元301")), ["滨江路7号 2单元 301"]);
    assert_eq!(addresses(&search(&mut world, "滨江路七号 二单元 301")), ["滨江路7号 2单元 301"]);
    let by_meter = search(&mut world, "7731");
    assert_eq!(addresses(&by_meter), ["滨江路1号 1单元 101"]);
    assert_eq!(by_meter.rows[0].meters, ["G25-00417731"]);
    assert_eq!(addresses(&search(&mut world, "harb 1203")), ["Flat 1203, 8 Harbour Street"]);
    assert!(search(&mut world, "\"* OR 1 --").rows.iter().all(|row| !row.address.is_empty()));
    assert_eq!(search(&mut world, "沿江路").text, "Nothing found.");
    // Words follow what the premises are called now.
    let renamed = PremisesInput { address: "沿江路1号 101".to_owned(), ..flat(1, 1, 101) };
    world.office.add_premises_as(renamed);
    world.exchange("Mei");
    assert_eq!(addresses(&search(&mut world, "沿江路")), ["沿江路1号 101"]);
    // The index holds nothing that the premises don't say.
    let before = search(&mut world, "单元");
    world.phone("Mei").engine().rebuild().expect("rebuilt");
    assert_eq!(search(&mut world, "单元"), before);
}

#[test]
fn a_name_is_found_among_orders_in_scope_and_stands_nowhere_in_the_file() {
    const NAME: &str = "欧阳静怡";
    let mut world = World::with_phones();
    world.office.change_district(&district()).expect("kept");
    let premises: Id = id("滨江路3号 2单元 401");
    let customer = CustomerInput { name: Personal::new(NAME), ..CustomerInput::default() };
    let order = OrderInput { premises, customer, ..Office::repair_for_mrs_chan("R-7") };
    let order = world.office.open_order(&order);
    world.office.assign(order, "Mei").expect("Mei is there");
    world.exchange("Mei");
    for typed in ["静怡", "欧", "r-7", "3号 2单元 401"] {
        let found = search(&mut world, typed);
        let row = found.rows.iter().find(|row| row.order == Some(order));
        let row = row.unwrap_or_else(|| panic!("{typed}: {found:?}"));
        assert_eq!(row.customer.as_ref().map(Personal::reveal), Some(NAME), "{typed}");
    }
    let mei = world.phone("Mei");
    let path = mei.path.clone();
    for suffix in ["", "-wal"] {
        let mut file = path.clone().into_os_string();
        file.push(suffix);
        let bytes = std::fs::read(file).unwrap_or_default();
        let name = "静怡".as_bytes();
        assert!(!bytes.windows(name.len()).any(|window| window == name), "in phone.db{suffix}");
    }
    // With its key the name is gone; the order is still there.
    let other = rusqlite::Connection::open(&path).expect("another connection");
    other.execute("DELETE FROM subject_key", []).expect("erased");
    assert!(search(&mut world, "静怡").rows.is_empty());
    let row = search(&mut world, "r-7").rows.remove(0);
    assert_eq!((row.order, row.customer), (Some(order), None));
    // Given to Wu, the order is no longer Mei's to look up.
    world.office.assign(order, "Wu").expect("Wu is there");
    world.exchange("Mei");
    assert!(search(&mut world, "r-7").rows.is_empty());
}

#[test]
fn a_district_that_names_no_ids_or_unknown_premises_is_refused() {
    let world = World::new();
    let nameless = PremisesInput { id: None, ..flat(1, 1, 101) };
    let input = DistrictInput { premises: vec![nameless], ..DistrictInput::default() };
    assert_eq!(world.office.change_district(&input).expect_err("no id").code, "malformed");
    let input =
        DistrictInput { meters: vec![meter(&flat(9, 9, 901), "M-1")], ..Default::default() };
    assert_eq!(world.office.change_district(&input).expect_err("where").code, "not-published");
}
