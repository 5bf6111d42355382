//! The sections of the configuration file as they are written. What they come to is a [`Plan`](super::Plan).

use std::path::PathBuf;

use serde::Deserialize;

/// `[printer]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrinterSection {
    pub port: Option<String>,
    pub baud: Option<u32>,
    pub flow: Option<String>,
    pub profile: Option<String>,
    pub page: Option<String>,
    pub page_number: Option<u8>,
    pub page_line: Option<u8>,
    pub drawer_open_high: Option<bool>,
}

/// `[[scanner]]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScannerSection {
    pub port: Option<String>,
    pub baud: Option<u32>,
    pub usb: Option<String>,
    pub physical: Option<String>,
    pub prefix: Option<String>,
    pub suffix: Option<String>,
}

/// `[display]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DisplaySection {
    pub kind: Option<String>,
    pub port: Option<String>,
    pub baud: Option<u32>,
    pub page: Option<String>,
    pub page_number: Option<u8>,
    pub bus: Option<PathBuf>,
    pub address: Option<u8>,
    pub rows: Option<u8>,
}

/// `[control]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ControlSection {
    pub unit: Option<String>,
    pub port: Option<String>,
    pub baud: Option<u32>,
    pub rule: Option<String>,
}

/// `[gps]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GpsSection {
    pub port: Option<String>,
    pub baud: Option<u32>,
}

/// `[power]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PowerSection {
    pub supply: Option<SupplySection>,
    pub watchdog: Option<PathBuf>,
    pub backlight: Option<PathBuf>,
    pub rtc: Option<PathBuf>,
    pub dim_after_s: Option<u32>,
}

/// `[power.supply]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SupplySection {
    pub chip: PathBuf,
    pub line: u32,
    #[serde(default)]
    pub active_low: bool,
}

/// `[hub]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HubSection {
    pub url: String,
}
