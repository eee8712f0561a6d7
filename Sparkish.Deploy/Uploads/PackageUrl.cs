using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Sparkish.Deploy.Uploads;

/// <summary>
/// The URL of an uploaded application, <c>upload:HASH/app.dll</c>: the SHA-256 of its package, and the program in it. The hash is checked before each start. It
/// is also the right to fetch the package: only the submitter, the masters and the worker of the driver know it.
/// </summary>
internal sealed record PackageUrl(string Hash, string Program)
{
    /// <summary>The number of digits of a hash.</summary>
    public const int HashChars = 64;

    private const string Scheme = "upload:";
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Whether a text is a hash, which may become the name of a file.</summary>
    public static bool IsHash([NotNullWhen(true)] string? text) => text?.Length == HashChars && !text.AsSpan().ContainsAnyExcept(Digits);

    /// <summary>Reads the URL; null for one of another kind, or one that is not valid.</summary>
    public static PackageUrl? TryParse(string url)
    {
        if (!url.StartsWith(Scheme, StringComparison.Ordinal) || url.Length < Scheme.Length + HashChars + 2) return null;
        var rest = url[Scheme.Length..];
        var (hash, program) = (rest[..HashChars], rest[(HashChars + 1)..]);
        return IsHash(hash) && rest[HashChars] == '/' && DriverPackage.IsPlainPath(program) && !program.Contains('/', StringComparison.Ordinal)
            ? new PackageUrl(hash, program)
            : null;
    }

    public override string ToString() => $"{Scheme}{Hash}/{Program}";
}
