//! A product of the draft: to see, to change, to take out.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use bundle::Role;
use chrono::NaiveDate;
use domain::{Currency, Money, catalogue::Sku};
use serde::Deserialize;

use super::{change, text};
use crate::{
    Hub,
    answer::No,
    bundles::{
        self, Texts,
        edit::{self, CURRENCIES, ProductEdit},
    },
    web::{
        page::{Page, Wrong, show},
        rights::Right,
        route::{Pages, query_safe},
        words::BundleWords,
    },
};

const CATALOGUE: &str = "catalogue.json";

pub(super) fn pages() -> Pages {
    Pages::default().get("/bundles/product", Right::Edit, product).post("/bundles/product", Right::Edit, set).post(
        "/bundles/product/remove",
        Right::Edit,
        remove,
    )
}

/// A product as the draft's page shows it.
pub(super) struct Line {
    pub(super) sku: String,
    pub(super) href: String,
    pub(super) name: String,
    pub(super) category: String,
    pub(super) vat_class: String,
    pub(super) price: String,
    pub(super) sold_out: &'static str,
}

pub(super) fn lines(texts: &Texts, f: &BundleWords, today: NaiveDate) -> Result<Vec<Line>, No> {
    let catalogue = till::data::read_catalogue(text(texts, CATALOGUE)).ok();
    let rows = edit::rows(text(texts, CATALOGUE), "products")?;
    let line = |row: &serde_json::Map<String, serde_json::Value>| {
        let sku = edit::text(row, "sku").to_owned();
        let product = catalogue.as_ref().and_then(|catalogue| catalogue.by_sku(&Sku::new(&sku).ok()?).ok());
        let prices = Currency::ALL.iter().filter_map(|currency| {
            let price = product?.price(*currency, today).ok()?;
            Some(format!("{price} {}", currency.code()))
        });
        Line {
            href: format!("/bundles/product?sku={}", query_safe(&sku)),
            name: product.map_or_else(String::new, |product| product.name.sv.to_string()),
            category: edit::text(row, "category").to_owned(),
            vat_class: edit::text(row, "vat_class").to_owned(),
            price: prices.collect::<Vec<_>>().join(" · "),
            sold_out: if product.is_some_and(|product| product.sold_out) { f.yes } else { "" },
            sku,
        }
    };
    Ok(rows.iter().map(line).collect())
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    sku: String,
}

#[derive(Template)]
#[template(path = "bundles/product.html")]
struct ProductPage {
    page: Page,
    f: &'static BundleWords,
    is_new: bool,
    sku: String,
    name_sv: String,
    name_en: String,
    category: String,
    kind: String,
    vat_class: String,
    supply: String,
    gtin: String,
    deposit: String,
    age_limit: String,
    favourite: bool,
    sold_out: bool,
    prices: Vec<String>,
    categories: Vec<String>,
}

async fn product(page: Page, State(hub): State<Arc<Hub>>, Query(asked): Query<Asked>) -> Result<Response, Wrong> {
    let texts = hub.ask(|store| bundles::draft(store, Role::Prices)).await?;
    let rows = edit::rows(text(&texts, CATALOGUE), "products")?;
    let found = rows.into_iter().find(|row| edit::text(row, "sku") == asked.sku);
    if !asked.sku.is_empty() && found.is_none() {
        return Err(Wrong::missing());
    }
    let is_new = found.is_none();
    let row = found.unwrap_or_default();
    let word = |name: &str| edit::text(&row, name).to_owned();
    let name = |lang: &str| row.get("name").and_then(|name| name.get(lang)).and_then(|name| name.as_str()).unwrap_or_default().to_owned();
    let yes = |name: &str| row.get(name).and_then(serde_json::Value::as_bool).unwrap_or(false);
    let prices = row.get("prices").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    let shown = |price: &serde_json::Value| {
        let text = |name: &str| price.get(name).and_then(serde_json::Value::as_str);
        let amounts = CURRENCIES.iter().filter_map(|code| Some(format!("{} {code}", text(code)?)));
        format!("{}: {}", text("from").unwrap_or_default(), amounts.collect::<Vec<_>>().join(" · "))
    };
    let categories = edit::rows(text(&texts, CATALOGUE), "categories")?.iter().map(|row| edit::text(row, "id").to_owned()).collect();
    show(&ProductPage {
        f: BundleWords::of(page.lang),
        is_new,
        sku: asked.sku,
        name_sv: name("sv"),
        name_en: name("en"),
        category: word("category"),
        kind: if word("kind").is_empty() { "goods".into() } else { word("kind") },
        vat_class: word("vat_class"),
        supply: if word("supply").is_empty() { "take_away".into() } else { word("supply") },
        gtin: word("gtin"),
        deposit: word("deposit"),
        age_limit: row.get("age_limit").and_then(serde_json::Value::as_u64).map_or_else(String::new, |years| years.to_string()),
        favourite: yes("favourite"),
        sold_out: yes("sold_out"),
        prices: prices.iter().map(shown).collect(),
        categories,
        page,
    })
}

#[derive(Deserialize)]
#[expect(non_snake_case, reason = "the names of the form's fields: currencies are written large")]
struct Sent {
    sku: String,
    #[serde(default)]
    name_sv: String,
    #[serde(default)]
    name_en: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    vat_class: String,
    #[serde(default)]
    supply: String,
    #[serde(default)]
    gtin: String,
    #[serde(default)]
    deposit: String,
    #[serde(default)]
    age_limit: String,
    #[serde(default)]
    favourite: Option<String>,
    #[serde(default)]
    sold_out: Option<String>,
    #[serde(default)]
    from: String,
    #[serde(default)]
    SEK: String,
    #[serde(default)]
    DKK: String,
    #[serde(default)]
    NOK: String,
    #[serde(default)]
    EUR: String,
}

async fn set(page: Page, State(hub): State<Arc<Hub>>, Form(sent): Form<Sent>) -> Result<Response, Wrong> {
    let wrong = |what: String, todo: &str| Wrong::new(StatusCode::BAD_REQUEST, "draft.product", what, todo);
    let sku = sent.sku.trim().to_owned();
    if Sku::new(&sku).is_err() {
        return Err(wrong(format!("{sku:?} is no SKU."), "Use up to 24 letters, digits, dots and hyphens."));
    }
    let prices = [sent.SEK, sent.DKK, sent.NOK, sent.EUR].map(|price| price.trim().replace(',', "."));
    for (code, price) in CURRENCIES.iter().zip(&prices) {
        let currency = Currency::from_code(code).unwrap_or(Currency::Sek);
        if !price.is_empty() && price != "-" && Money::parse(price, currency).is_err() {
            return Err(wrong(format!("{price:?} is no amount in {code}."), "Write it like 29.00, or a hyphen to take it away."));
        }
    }
    let from = sent.from.trim().to_owned();
    if prices.iter().any(|price| !price.is_empty()) && NaiveDate::parse_from_str(&from, "%Y-%m-%d").is_err() {
        return Err(wrong(format!("{from:?} is no day."), "Write the day from which the price holds, like 2026-04-01."));
    }
    let age_limit = match sent.age_limit.trim() {
        "" => Some(0),
        years => Some(years.parse().map_err(|_| wrong(format!("{years:?} is no age."), "Write years, or nothing."))?),
    };
    // An empty field of this form takes away what may be missing: it was shown and somebody emptied it.
    let or_none = |text: &str| if text.trim().is_empty() { "-".to_owned() } else { text.trim().to_owned() };
    let edit = ProductEdit {
        sku,
        name: [sent.name_sv.trim().to_owned(), sent.name_en.trim().to_owned()],
        category: sent.category,
        kind: sent.kind,
        vat_class: sent.vat_class,
        supply: sent.supply,
        from,
        prices,
        gtin: or_none(&sent.gtin),
        deposit: or_none(&sent.deposit),
        age_limit,
        sold_out: Some(sent.sold_out.is_some()),
        favourite: Some(sent.favourite.is_some()),
    };
    change(&hub, &page, Role::Prices, move |texts| {
        let after = edit::with_products(text(texts, CATALOGUE), &[edit])?;
        texts.insert(CATALOGUE.into(), after);
        Ok(())
    })
    .await
}

#[derive(Deserialize)]
struct Removed {
    sku: String,
}

async fn remove(page: Page, State(hub): State<Arc<Hub>>, Form(removed): Form<Removed>) -> Result<Response, Wrong> {
    change(&hub, &page, Role::Prices, move |texts| {
        let after = edit::without_product(text(texts, CATALOGUE), &removed.sku)?;
        texts.insert(CATALOGUE.into(), after);
        Ok(())
    })
    .await
}
