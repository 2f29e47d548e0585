//! The tree to HTML: comrak's own formatter, with our hand on headings, code, formulas, images, links,
//! tables and tasks. Must not decide what is safe: all of its output goes through the sanitiser.

use std::fmt::{self, Write as _};

use comrak::html::{ChildRendering, Context, format_document_with_formatter, format_node_default};
use comrak::nodes::{AlertType, Node, NodeAlert, NodeLink, NodeValue, TableAlignment};

use super::headings::Headings;
use super::highlight::Highlighter;
use super::labels::Labels;
use super::{Options, escaped, images, math};

/// What is carried along while a document is written.
struct State<'s> {
    options: &'s Options<'s>,
    labels: &'static Labels,
    headings: &'s Headings,
    /// Where each column's alignment is looked up: the cell about to be written.
    column: usize,
    heading: usize,
    /// The open heading holds a link, so it cannot be one.
    heading_has_link: bool,
    highlighter: Highlighter,
    site_host: Option<String>,
}

pub(super) fn format(
    root: Node<'_>,
    syntax: &comrak::Options<'_>,
    options: &Options<'_>,
    labels: &'static Labels,
    headings: &Headings,
) -> String {
    let state = State {
        options,
        labels,
        headings,
        column: 0,
        heading: 0,
        heading_has_link: false,
        highlighter: Highlighter::default(),
        site_host: options.site_url.and_then(host),
    };
    let mut html = String::new();
    let plugins = comrak::options::Plugins::default();
    // Writing to a String cannot fail.
    let _ = format_document_with_formatter(root, syntax, &mut html, &plugins, write_node, state);
    localise_footnotes(html, labels)
}

/// comrak labels the way back from a footnote in English only.
fn localise_footnotes(html: String, labels: &Labels) -> String {
    const ENGLISH: &str = "aria-label=\"Back to reference ";
    if !html.contains(ENGLISH) {
        return html;
    }
    html.replace(
        ENGLISH,
        &format!("aria-label=\"{} ", labels.back_to_reference),
    )
}

fn write_node(
    context: &mut Context<'_, '_, State<'_>>,
    node: Node<'_>,
    entering: bool,
) -> Result<ChildRendering, fmt::Error> {
    match &node.data().value {
        NodeValue::Heading(heading) => write_heading(context, node, heading.level, entering),
        NodeValue::CodeBlock(code) if entering => {
            write_code_block(context, &code.info, &code.literal)
        }
        NodeValue::Math(formula) if entering => {
            context.write_str(&math::to_mathml(&formula.literal, formula.display_math))?;
            Ok(ChildRendering::HTML)
        }
        NodeValue::Paragraph if is_figure(node) => write_figure(context, node, entering),
        NodeValue::Paragraph if entering && is_gallery(node) => {
            context.cr()?;
            context.write_str("<p class=\"gallery\">")?;
            Ok(ChildRendering::HTML)
        }
        NodeValue::Image(link) if entering => {
            write_image(context, node, link)?;
            Ok(ChildRendering::Skip)
        }
        NodeValue::CodeBlock(_) | NodeValue::Math(_) | NodeValue::Image(_) => {
            Ok(ChildRendering::HTML)
        }
        NodeValue::Link(link) => write_link(context, link, entering),
        NodeValue::Alert(alert) => write_alert(context, alert, entering),
        NodeValue::TaskItem(task) => write_task(context, task.symbol.is_some(), entering),
        NodeValue::TableRow(_) => {
            context.user.column = 0;
            format_node_default(context, node, entering)
        }
        NodeValue::TableCell => write_cell(context, node, entering),
        _ => format_node_default(context, node, entering),
    }
}

/// The heading's own text is the link to it: nothing extra is read aloud. Where the text holds a link
/// of its own, a labelled sign follows instead.
fn write_heading(
    context: &mut Context<'_, '_, State<'_>>,
    node: Node<'_>,
    level: u8,
    entering: bool,
) -> Result<ChildRendering, fmt::Error> {
    let headings = context.user.headings;
    let entry = headings.get(context.user.heading);
    let id = escaped(entry.map_or("section", |entry| entry.id.as_str()));
    if entering {
        let has_text = entry.is_some_and(|entry| !entry.text.is_empty());
        context.user.heading_has_link = !has_text || holds_link(node);
        context.cr()?;
        write!(context, "<h{level} id=\"{id}\">")?;
        if !context.user.heading_has_link {
            write!(context, "<a class=\"anchor\" href=\"#{id}\">")?;
        }
        return Ok(ChildRendering::HTML);
    }
    if context.user.heading_has_link {
        let label = context.user.labels.link_to_section;
        write!(
            context,
            " <a class=\"anchor\" href=\"#{id}\" aria-label=\"{label}\">#</a>"
        )?;
    } else {
        context.write_str("</a>")?;
    }
    writeln!(context, "</h{level}>")?;
    context.user.heading += 1;
    Ok(ChildRendering::HTML)
}

fn holds_link(node: Node<'_>) -> bool {
    node.descendants().any(|inner| match &inner.data().value {
        NodeValue::Link(_) | NodeValue::FootnoteReference(_) => true,
        NodeValue::HtmlInline(html) => html.starts_with("<a") || html.starts_with("<A"),
        _ => false,
    })
}

fn write_code_block(
    context: &mut Context<'_, '_, State<'_>>,
    info: &str,
    literal: &str,
) -> Result<ChildRendering, fmt::Error> {
    context.cr()?;
    let word = info.split_whitespace().next().unwrap_or_default();
    if word == "math" {
        writeln!(context, "<p>{}</p>", math::to_mathml(literal, true))?;
        return Ok(ChildRendering::HTML);
    }
    let code = context.user.highlighter.highlight(word, literal);
    // A wide block scrolls, so the keyboard must be able to reach it.
    context.write_str("<pre class=\"code\" tabindex=\"0\"><code")?;
    if !word.is_empty() {
        write!(context, " class=\"language-{}\"", escaped(word))?;
    }
    writeln!(context, ">{code}</code></pre>")?;
    Ok(ChildRendering::HTML)
}

/// A paragraph that holds one image, or one link around one image, and nothing else.
fn is_figure(paragraph: Node<'_>) -> bool {
    let in_tight_list = paragraph
        .parent()
        .and_then(comrak::arena_tree::Node::parent)
        .is_some_and(|list| matches!(list.data().value, NodeValue::List(list) if list.tight));
    !in_tight_list && lone_image(paragraph).is_some()
}

/// A paragraph that holds several images, with or without links around them, and nothing else.
fn is_gallery(paragraph: Node<'_>) -> bool {
    let mut images = 0;
    for child in paragraph.children() {
        match &child.data().value {
            NodeValue::Image(_) => images += 1,
            NodeValue::Link(_) => {
                let inner = child.first_child();
                let is_image = inner.is_some_and(|inner| {
                    inner.next_sibling().is_none()
                        && matches!(inner.data().value, NodeValue::Image(_))
                });
                if !is_image {
                    return false;
                }
                images += 1;
            }
            NodeValue::SoftBreak | NodeValue::LineBreak => {}
            NodeValue::Text(text) if text.trim().is_empty() => {}
            _ => return false,
        }
    }
    images > 1
}

fn lone_image(node: Node<'_>) -> Option<Node<'_>> {
    let only = node.first_child()?;
    if only.next_sibling().is_some() {
        return None;
    }
    match &only.data().value {
        NodeValue::Image(_) => Some(only),
        NodeValue::Link(_) => {
            let inner = only.first_child()?;
            let alone = inner.next_sibling().is_none();
            (alone && matches!(inner.data().value, NodeValue::Image(_))).then_some(inner)
        }
        _ => None,
    }
}

fn write_figure(
    context: &mut Context<'_, '_, State<'_>>,
    paragraph: Node<'_>,
    entering: bool,
) -> Result<ChildRendering, fmt::Error> {
    if entering {
        context.cr()?;
        context.write_str("<figure>")?;
        return Ok(ChildRendering::HTML);
    }
    let title = lone_image(paragraph).and_then(|image| match &image.data().value {
        NodeValue::Image(link) if !link.title.is_empty() => Some(escaped(&link.title)),
        _ => None,
    });
    if let Some(title) = title {
        write!(context, "<figcaption>{title}</figcaption>")?;
    }
    context.write_str("</figure>\n")?;
    Ok(ChildRendering::HTML)
}

fn write_image(
    context: &mut Context<'_, '_, State<'_>>,
    node: Node<'_>,
    link: &NodeLink,
) -> fmt::Result {
    // The caption of a figure says what the title would.
    let captioned = node.ancestors().skip(1).take(2).any(|ancestor| {
        matches!(ancestor.data().value, NodeValue::Paragraph) && is_figure(ancestor)
    });
    let title = (!link.title.is_empty() && !captioned).then_some(link.title.as_str());
    let src = encoded(&link.url);
    let tag = images::tag(&src, &alt_of(node), title, context.user.options.images);
    context.write_str(&tag)
}

fn alt_of(image: Node<'_>) -> String {
    let mut alt = String::new();
    for node in image.descendants() {
        match &node.data().value {
            NodeValue::Text(literal) => alt.push_str(literal),
            NodeValue::Code(code) => alt.push_str(&code.literal),
            NodeValue::Math(math) => alt.push_str(&math.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => alt.push(' '),
            _ => {}
        }
    }
    alt
}

/// Addresses as comrak writes them, but not yet escaped for HTML.
fn encoded(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    // Writing to a String cannot fail.
    let _ = comrak::html::escape_href(&mut out, url, false);
    if out.contains('&') {
        out = out.replace("&#x27;", "'").replace("&amp;", "&");
    }
    out
}

fn write_link(
    context: &mut Context<'_, '_, State<'_>>,
    link: &NodeLink,
    entering: bool,
) -> Result<ChildRendering, fmt::Error> {
    if !entering {
        context.write_str("</a>")?;
        return Ok(ChildRendering::HTML);
    }
    context.write_str("<a href=\"")?;
    context.escape_href(&link.url)?;
    context.write_str("\"")?;
    if !link.title.is_empty() {
        write!(context, " title=\"{}\"", escaped(&link.title))?;
    }
    if is_external(&link.url, context.user.site_host.as_deref()) {
        context.write_str(" rel=\"external noopener\"")?;
    }
    context.write_str(">")?;
    Ok(ChildRendering::HTML)
}

fn is_external(url: &str, site_host: Option<&str>) -> bool {
    host(url).is_some_and(|host| Some(host.as_str()) != site_host)
}

/// The host of an absolute or protocol-relative web address, in lower case.
fn host(url: &str) -> Option<String> {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    let start = ["https://", "http://", "//"]
        .iter()
        .find(|start| lower.starts_with(**start))?;
    let authority = url[start.len()..].split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split_once("]:").map_or(host, |(host, _)| host);
    let name = if host.starts_with('[') {
        host
    } else {
        host.split(':').next()?
    };
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

/// GitHub's classes, which themes know, with the title in the text's language.
fn write_alert(
    context: &mut Context<'_, '_, State<'_>>,
    alert: &NodeAlert,
    entering: bool,
) -> Result<ChildRendering, fmt::Error> {
    context.cr()?;
    if !entering {
        context.write_str("</div>\n")?;
        return Ok(ChildRendering::HTML);
    }
    let labels = context.user.labels;
    let (kind, label) = match alert.alert_type {
        AlertType::Note => ("note", labels.note),
        AlertType::Tip => ("tip", labels.tip),
        AlertType::Important => ("important", labels.important),
        AlertType::Warning => ("warning", labels.warning),
        AlertType::Caution => ("caution", labels.caution),
    };
    let title = escaped(alert.title.as_deref().unwrap_or(label));
    writeln!(
        context,
        "<div class=\"markdown-alert markdown-alert-{kind}\">\n<p class=\"markdown-alert-title\">{title}</p>"
    )?;
    Ok(ChildRendering::HTML)
}

fn write_task(
    context: &mut Context<'_, '_, State<'_>>,
    done: bool,
    entering: bool,
) -> Result<ChildRendering, fmt::Error> {
    if !entering {
        context.write_str("</li>\n")?;
        return Ok(ChildRendering::HTML);
    }
    let labels = context.user.labels;
    let (checked, label) = if done {
        (" checked=\"\"", labels.task_done)
    } else {
        ("", labels.task_open)
    };
    context.cr()?;
    write!(
        context,
        "<li class=\"task-list-item\"><input type=\"checkbox\" disabled=\"\"{checked} aria-label=\"{label}\"> "
    )?;
    Ok(ChildRendering::HTML)
}

/// Classes instead of the `align` attribute, which HTML has given up.
fn write_cell(
    context: &mut Context<'_, '_, State<'_>>,
    cell: Node<'_>,
    entering: bool,
) -> Result<ChildRendering, fmt::Error> {
    let row = cell.parent();
    let is_header = row.is_some_and(|row| matches!(row.data().value, NodeValue::TableRow(true)));
    let name = if is_header { "th" } else { "td" };
    if !entering {
        write!(context, "</{name}>")?;
        return Ok(ChildRendering::HTML);
    }
    let column = context.user.column;
    context.user.column += 1;
    let class = row
        .and_then(comrak::arena_tree::Node::parent)
        .and_then(|table| match &table.data().value {
            NodeValue::Table(table) => match table.alignments.get(column)? {
                TableAlignment::Left => Some("align-left"),
                TableAlignment::Center => Some("align-center"),
                TableAlignment::Right => Some("align-right"),
                TableAlignment::None => None,
            },
            _ => None,
        });
    context.cr()?;
    write!(context, "<{name}")?;
    if let Some(class) = class {
        write!(context, " class=\"{class}\"")?;
    }
    if is_header {
        context.write_str(" scope=\"col\"")?;
    }
    context.write_str(">")?;
    Ok(ChildRendering::HTML)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_the_own_host_are_internal() {
        let own = host("https://Blog.example:8443/sub");
        let external = |url| is_external(url, own.as_deref());
        assert!(!external("https://blog.example/x") && !external("/x") && !external("#x"));
        assert!(!external("mailto:a@b.example") && !external("x.html"));
        assert!(external("https://blog.example.evil/x") && external("//cdn.example/x"));
        assert!(external("HTTPS://blog.example@evil.example/"));
        assert!(external("http://[::1]:80/"));
    }
}
