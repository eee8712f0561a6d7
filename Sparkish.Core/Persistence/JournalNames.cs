using System.Buffers;

namespace Sparkish.Persistence;

/// <summary>Rules for the names of journals, so that every store can use the name for a file, a row or a node.</summary>
internal static class JournalNames
{
    private const int MaxLength = 100;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public static string Check(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return IsName(name)
            ? name
            : throw new ArgumentException(
                $"'{name}' is not a valid name of a journal: use up to {MaxLength} letters, digits, '.', '_' and '-', and no dot at the start.", nameof(name));
    }

    public static bool IsName(string name) => name.Length is > 0 and <= MaxLength && name[0] != '.' && !name.AsSpan().ContainsAnyExcept(Allowed);
}
