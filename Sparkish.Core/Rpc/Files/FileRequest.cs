using System.Globalization;

namespace Sparkish.Rpc.Files;

/// <summary>
/// The part of a file that a peer requests, as the query of its path. Without a query it is the whole file, <c>?version</c> is a <see cref="FileVersion"/>, and
/// <c>?from=OFFSET&amp;tag=TAG</c> is the rest of one version of the file.
/// </summary>
internal readonly record struct FileRequest(FileRequestKind Kind, long From, string? Tag)
{
    public const string VersionQuery = "?version";

    /// <summary>The query for the rest of a version.</summary>
    public static string Rest(long from, string tag) => string.Create(CultureInfo.InvariantCulture, $"?from={from}&tag={tag}");

    /// <summary>Splits a path; null if the part after the question mark is unknown.</summary>
    public static FileRequest? TryParse(string path, out string file)
    {
        var mark = path.IndexOf('?', StringComparison.Ordinal);
        file = mark < 0 ? path : path[..mark];
        if (mark < 0) return new FileRequest(FileRequestKind.Content, 0, null);
        var query = path[mark..];
        return query switch
        {
            VersionQuery => new FileRequest(FileRequestKind.Version, 0, null),
            _ => TryParseRest(query),
        };
    }

    private static FileRequest? TryParseRest(string query)
    {
        const string FromKey = "?from=";
        const string TagKey = "&tag=";
        var tag = query.IndexOf(TagKey, StringComparison.Ordinal);
        if (!query.StartsWith(FromKey, StringComparison.Ordinal) || tag < FromKey.Length || tag + TagKey.Length == query.Length) return null;
        return long.TryParse(query.AsSpan(FromKey.Length, tag - FromKey.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            ? new FileRequest(FileRequestKind.Content, from, query[(tag + TagKey.Length)..])
            : null;
    }
}

/// <summary>The requested part of a file.</summary>
internal enum FileRequestKind
{
    Content,
    Version,
}
