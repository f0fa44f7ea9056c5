//! The live page: its files, embedded in the binary, and how they are served.

use tidewire::http::{FieldName, FieldValue, Response};

/// A file of the page.
#[derive(Debug)]
pub(crate) struct Asset {
    path: &'static str,
    media_type: &'static str,
    pub(crate) bytes: &'static [u8],
}

impl Asset {
    /// The head of the response that carries the file.
    ///
    /// The policy lets the page load from and talk to its own server alone.
    pub(crate) fn response(&self) -> Response {
        const POLICY: &str = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";
        [
            (FieldName::CONTENT_TYPE, FieldValue::from_static(self.media_type)),
            (FieldName::CACHE_CONTROL, FieldValue::from_static("no-cache")),
            (FieldName::from_static("Content-Security-Policy"), FieldValue::from_static(POLICY)),
            (FieldName::from_static("Referrer-Policy"), FieldValue::from_static("no-referrer")),
        ]
        .into_iter()
        .fold(Response::new(200), |response, (name, value)| response.field(name, value))
    }
}

/// Finds the file at `path`.
pub(crate) fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

macro_rules! assets {
    ($($path:literal $file:literal $media_type:ident)*) => {
        static ASSETS: &[Asset] = &[$(Asset {
            path: $path,
            media_type: $media_type,
            bytes: include_bytes!(concat!("../web/", $file)),
        }),*];
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

assets! {
    "/" "index.html" HTML
    "/assets/app.js" "app.js" SCRIPT
    "/assets/bytes.js" "bytes.js" SCRIPT
    "/assets/chart.js" "chart.js" SCRIPT
    "/assets/icon.svg" "icon.svg" SVG
    "/assets/lane.js" "lane.js" SCRIPT
    "/assets/publisher.js" "publisher.js" SCRIPT
    "/assets/stats.js" "stats.js" SCRIPT
    "/assets/style.css" "style.css" CSS
    "/assets/theme.js" "theme.js" SCRIPT
    "/assets/tick.js" "tick.js" SCRIPT
    "/assets/transports.js" "transports.js" SCRIPT
    "/assets/uPlot.iife.min.js" "uPlot.iife.min.js" SCRIPT
    "/assets/uPlot.min.css" "uPlot.min.css" CSS
    "/assets/view.js" "view.js" SCRIPT
}
