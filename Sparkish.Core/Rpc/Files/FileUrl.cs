namespace Sparkish.Rpc.Files;

/// <summary>A file of a file server, <c>spark://host:port/path</c>, in its two parts.</summary>
/// <param name="Authority"><c>host:port</c>.</param>
/// <param name="Path">The path of the stream, its segments percent-encoded.</param>
internal readonly record struct FileUrl(string Authority, string Path)
{
    private const string Scheme = "spark://";

    /// <exception cref="SparkException">The text is not a valid URL of a file.</exception>
    public static FileUrl Parse(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (url.StartsWith(Scheme, StringComparison.Ordinal) && !url.AsSpan().ContainsAny('?', '#'))
        {
            var slash = url.IndexOf('/', Scheme.Length);
            if (slash > Scheme.Length && slash < url.Length - 1) return new FileUrl(url[Scheme.Length..slash], url[(slash + 1)..]);
        }

        throw new SparkException($"Invalid URL of a file: '{url}'. Write it as spark://host:port/files/NAME.");
    }
}
