use std::{collections::HashMap, error::Error};

use continuity_client::{
    types::{DownloadUrl, DownloadUrlCreate, ErrorBody},
    Error as ClientError, ResponseValue,
};
use futures::StreamExt;
use reqwest::{header::LINK, Url};
use sha2::{Digest, Sha256};

use crate::scenario::Run;

impl Run {
    /// The archive comes as a stream of bytes and is never held as a whole.
    pub async fn download(&mut self) -> Result<(), Box<dyn Error>> {
        let link = self.mint(&self.scenario.product_id).await?;
        let archive = self.client.get_download_archive().token(link.download_token.as_str()).send().await?;
        let mut bytes = archive.into_inner_stream();
        let mut hash = Sha256::new();
        while let Some(chunk) = bytes.next().await {
            hash.update(chunk?);
        }
        self.seen.archive_sha256 = format!("{:x}", hash.finalize());
        Ok(())
    }

    pub async fn refusal(&mut self) -> Result<(), Box<dyn Error>> {
        match self.mint(&self.scenario.unknown_product_id).await {
            Err(ClientError::ErrorResponse(refusal)) => {
                self.seen.error_status = refusal.status().as_u16();
                self.seen.error_fields = fields_of(&refusal);
                Ok(())
            }
            Err(other) => Err(other.into()),
            Ok(_) => Err("a link to an unknown product".into()),
        }
    }

    async fn mint(&self, product_id: &str) -> Result<ResponseValue<DownloadUrl>, ClientError<ErrorBody>> {
        let wanted = DownloadUrlCreate::builder()
            .product_id(product_id)
            .version(Some(self.scenario.version.parse().expect("a version's number")));
        self.client.generate_download_url().body(wanted).send().await
    }

    pub async fn list(&mut self) -> Result<(), Box<dyn Error>> {
        let mut cursor = None;
        loop {
            let mut asked = self.client.list_purchases().limit(self.scenario.page_size);
            if let Some(cursor) = cursor {
                asked = asked.cursor(cursor);
            }
            let page = asked.send().await?;
            self.seen.purchase_ids.extend(page.iter().map(|purchase| purchase.id.to_string()));
            self.seen.pages += 1;
            cursor = next_cursor(page.headers().get(LINK).map(|link| link.to_str()).transpose()?)?;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }
}

fn fields_of(refusal: &ErrorBody) -> HashMap<String, Vec<String>> {
    let named = refusal.error.iter();
    named.map(|(field, codes)| (field.clone(), codes.iter().map(|code| code.to_string()).collect())).collect()
}

/// The cursor in `<…?cursor=…>; rel="next"`; none behind the last page.
fn next_cursor(link: Option<&str>) -> Result<Option<String>, Box<dyn Error>> {
    let next = link.unwrap_or_default().split(',').find(|part| part.contains(r#"rel="next""#));
    let Some(address) = next.and_then(|part| part.split(['<', '>']).nth(1)) else {
        return Ok(None);
    };
    let url = Url::parse(address)?;
    Ok(url.query_pairs().find(|(name, _)| name == "cursor").map(|(_, value)| value.into_owned()))
}
