use std::{collections::HashMap, num::NonZeroU32};

use continuity_client::{types, Client};
use serde::{Deserialize, Serialize};

/// What the program is told.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scenario {
    pub url: String,
    pub api_key: String,
    pub product_id: String,
    pub version: String,
    pub pack: Pack,
    pub manifest: types::Manifest,
    pub product_hash: String,
    pub unknown_product_id: String,
    pub page_size: NonZeroU32,
}

#[derive(Deserialize)]
pub struct Pack {
    pub sha256: String,
    pub base64: String,
}

/// What it saw.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    pub email: String,
    pub user_id_str: String,
    pub user_id: String,
    pub organisation_id: String,
    pub existing_before: usize,
    pub existing_after: usize,
    pub version_id: String,
    pub status: String,
    pub active: bool,
    pub archive_sha256: String,
    pub error_status: u16,
    pub error_fields: HashMap<String, Vec<String>>,
    pub purchase_ids: Vec<String>,
    pub pages: u32,
}

pub struct Run {
    pub client: Client,
    pub scenario: Scenario,
    pub seen: Seen,
}
