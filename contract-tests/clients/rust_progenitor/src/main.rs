//! The scenario of client.ts on top of the client that progenitor makes.

mod buy;
mod publish;
mod scenario;

use std::{error::Error, io};

use continuity_client::Client;
use reqwest::header::{HeaderMap, HeaderValue, AUTHORIZATION};
use scenario::{Run, Scenario, Seen};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let scenario: Scenario = serde_json::from_reader(io::stdin())?;
    let mut run = Run { client: client_for(&scenario)?, scenario, seen: Seen::default() };
    run.sign_in().await?;
    run.publish().await?;
    run.download().await?;
    run.refusal().await?;
    run.list().await?;
    println!("{}", serde_json::to_string(&run.seen)?);
    Ok(())
}

fn client_for(scenario: &Scenario) -> Result<Client, Box<dyn Error>> {
    let bearer = HeaderValue::from_str(&format!("Bearer {}", scenario.api_key))?;
    let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer)]);
    let http = reqwest::Client::builder().default_headers(headers).build()?;
    Ok(Client::new_with_client(&scenario.url, http))
}
