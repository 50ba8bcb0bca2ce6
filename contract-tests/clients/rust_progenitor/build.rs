//! Makes the client out of the document that `BUNDLE` names.

use std::{env, error::Error, fs, path::PathBuf};

use progenitor::{GenerationSettings, Generator, InterfaceStyle};

fn main() -> Result<(), Box<dyn Error>> {
    let bundle = env::var("BUNDLE")?;
    println!("cargo::rerun-if-env-changed=BUNDLE");
    println!("cargo::rerun-if-changed={bundle}");
    let document = serde_json::from_reader(fs::File::open(bundle)?)?;
    let mut settings = GenerationSettings::default();
    // Optional parameters by name; by position a list would take nine of them.
    settings.with_interface(InterfaceStyle::Builder);
    let tokens = Generator::new(&settings).generate_tokens(&document)?;
    let source = prettyplease::unparse(&syn::parse2(tokens)?);
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("client.rs"), source)?;
    Ok(())
}
