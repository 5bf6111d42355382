//! Programs that encode the same sample receipt for a printer.

use serde_json::Value;

/// One way in which a producer encodes.
#[derive(Clone, Copy, Debug)]
pub struct Encoding {
    /// The script in `producers/`.
    pub script: &'static str,
    /// Its command line.
    pub arguments: &'static [&'static str],
}

/// Every way in which the producers write for an ESC/POS printer.
pub const ENCODINGS: &[Encoding] = &[
    Encoding { script: "receiptline.js", arguments: &["escpos"] },
    Encoding { script: "receiptline.js", arguments: &["epson"] },
    Encoding { script: "receiptline.js", arguments: &["citizen"] },
    Encoding { script: "receiptline.js", arguments: &["generic"] },
    Encoding { script: "receipt_printer_encoder.js", arguments: &["raster"] },
    Encoding { script: "receipt_printer_encoder.js", arguments: &["column"] },
    Encoding { script: "python_escpos.py", arguments: &["bitImageRaster"] },
    Encoding { script: "python_escpos.py", arguments: &["graphics"] },
    Encoding { script: "python_escpos.py", arguments: &["bitImageColumn"] },
];

/// What is on the sample receipt.
#[derive(Clone, Debug)]
pub struct Sample {
    /// In double size.
    pub title: String,
    /// Lines of text.
    pub texts: Vec<String>,
    /// Lines with a text at the left and an amount at the right.
    pub rows: Vec<[String; 2]>,
    /// Width and height of the picture: a triangle, black below the falling diagonal.
    pub picture_dots: [u32; 2],
    /// What the QR code says.
    pub qr: String,
    /// What the bar code says.
    pub ean: String,
}

/// The sample receipt that every producer encodes.
///
/// # Panics
/// When `producers/sample.json` lacks a part of it.
#[must_use]
pub fn sample() -> Sample {
    let json: Value = serde_json::from_str(include_str!("../producers/sample.json")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let dots = |name: &str| json["picture"][name].as_u64().and_then(|dots| u32::try_from(dots).ok()).expect("a size in dots");
    Sample {
        title: text(&json["title"]),
        texts: json["texts"].as_array().expect("texts").iter().map(text).collect(),
        rows: json["rows"].as_array().expect("rows").iter().map(|row| [text(&row[0]), text(&row[1])]).collect(),
        picture_dots: [dots("width"), dots("height")],
        qr: text(&json["qr"]),
        ean: text(&json["ean"]),
    }
}
