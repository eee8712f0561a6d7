using System.Text;
using System.Text.RegularExpressions;

namespace Sparkish.Input;

/// <summary>
/// Hadoop's pattern for the names in one directory: <c>*</c>, <c>?</c>, <c>[a-c]</c>, <c>[!a]</c>, <c>{a,b}</c>; a backslash escapes the next character.
/// </summary>
internal sealed class GlobPattern
{
    private const string Special = "*?[{";
    private const string SurrogatePair = @"[\uD800-\uDBFF][\uDC00-\uDFFF]";
    private const string AnyCharacter = $@"(?:{SurrogatePair}|[^\uD800-\uDFFF])";
    private const RegexOptions Options = RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private readonly Regex? _regex;

    /// <exception cref="SparkException">A bracket or brace is not closed, or a range is not valid.</exception>
    public GlobPattern(string component)
    {
        Literal = Unescape(component);
        if (HasWildcard(component)) _regex = Compile(component);
    }

    /// <summary>The name that a pattern without wildcards matches.</summary>
    public string Literal { get; }

    public bool IsPattern => _regex is not null;

    public bool Matches(string name) => _regex?.IsMatch(name) ?? string.Equals(name, Literal, StringComparison.Ordinal);

    /// <summary>Expands a path to one per alternative of the braces that contain a slash, so that afterwards each directory has its own pattern.</summary>
    public static IEnumerable<string> ExpandSlashes(string path)
    {
        var (open, close) = FindBracesWithSlash(path);
        if (open < 0) return [path];
        var before = path[..open];
        var after = path[(close + 1)..];
        return SplitOutsideBraces(path[(open + 1)..close]).SelectMany(alternative => ExpandSlashes(before + alternative + after));
    }

    /// <summary>Splits at commas outside of braces.</summary>
    public static IEnumerable<string> SplitOutsideBraces(string text)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '{') depth++;
            else if (text[i] is '}' && depth > 0) depth--;
            else if (text[i] is ',' && depth == 0)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private static (int Open, int Close) FindBracesWithSlash(string path)
    {
        var depth = 0;
        var open = -1;
        var slash = false;
        for (var i = 0; i < path.Length; i++)
        {
            switch (path[i])
            {
                case '\\': i++; break;
                case '{' when depth++ == 0: (open, slash) = (i, false); break;
                case '}' when depth > 0 && --depth == 0 && slash: return (open, i);
                case '/' when depth > 0: slash = true; break;
            }
        }

        return (-1, -1);
    }

    private static bool HasWildcard(string component)
    {
        for (var i = 0; i < component.Length; i++)
        {
            if (component[i] is '\\') i++;
            else if (Special.Contains(component[i], StringComparison.Ordinal)) return true;
        }

        return false;
    }

    private static string Unescape(string component)
    {
        var text = new StringBuilder();
        for (var i = 0; i < component.Length; i++)
        {
            if (component[i] is '\\' && i + 1 < component.Length) i++;
            text.Append(component[i]);
        }

        return text.ToString();
    }

    private static Regex Compile(string component)
    {
        var regex = new StringBuilder("^(?:");
        var depth = 0;
        for (var i = 0; i < component.Length; i++)
        {
            var c = component[i];
            switch (c)
            {
                case '\\' when i + 1 < component.Length: regex.Append(Quote(component[++i])); break;
                case '*': regex.Append(".*"); break;
                case '?': regex.Append(AnyCharacter); break;
                case '[': i = CompileSet(component, i, regex); break;
                case '{': (depth, _) = (depth + 1, regex.Append("(?:")); break;
                case ',' when depth > 0: regex.Append('|'); break;
                case '}' when depth > 0: (depth, _) = (depth - 1, regex.Append(')')); break;
                default: regex.Append(Quote(c)); break;
            }
        }

        if (depth > 0) throw Invalid(component, "a '{' is not closed");
        try
        {
            return new Regex(regex.Append(")$").ToString(), Options);
        }
        catch (ArgumentException e)
        {
            throw Invalid(component, "a range in brackets is not valid", e);
        }
    }

    /// <summary>Compiles a set such as <c>[a-c]</c> or <c>[!a]</c>; returns its end.</summary>
    private static int CompileSet(string component, int open, StringBuilder regex)
    {
        var negated = open + 1 < component.Length && component[open + 1] is '!' or '^';
        regex.Append(negated ? $"(?:{SurrogatePair}|[^\\uD800-\\uDFFF" : "(?:[");
        for (var i = negated ? open + 2 : open + 1; i < component.Length; i++)
        {
            var c = component[i];
            switch (c)
            {
                case ']': regex.Append("])"); return i;
                case '-': regex.Append('-'); break;
                case '\\' when i + 1 < component.Length: regex.Append(Quote(component[++i])); break;
                case '*' or '?' or '[' or '{' or '}' or ',': throw Invalid(component, $"'{c}' is not allowed in brackets");
                case var _ when char.IsSurrogate(c): throw Invalid(component, "a character beyond U+FFFF is not allowed in brackets");
                default: regex.Append(Quote(c)); break;
            }
        }

        throw Invalid(component, "a '[' is not closed");
    }

    private static string Quote(char c) => char.IsAsciiLetterOrDigit(c) || c > '\x7F' ? c.ToString() : $"\\x{(int)c:X2}";

    private static SparkException Invalid(string component, string why, Exception? cause = null) =>
        new($"Input pattern '{component}' is not valid: {why}. Put a backslash before a character that belongs to a name.", cause);
}
