using Sparkish.Validation;

namespace Sparkish.Deploy.Uploads;

/// <summary>The validation rules of messages to and from the server of uploads.</summary>
internal static class UploadRules
{
    /// <summary>The most bytes in one message: about two frames of the smallest transport.</summary>
    public const int MaxPart = 256 << 10;

    /// <summary>The largest package that a setting may allow: 16 GiB.</summary>
    public const long MaxLength = 16L << 30;

    /// <summary>Returns the problem of a message for the server; null if it is valid.</summary>
    public static string? ProblemOf(IToUploads message) => message switch
    {
        UploadPart m => OfHash(m.Hash) ?? Problem.OfNumber(m.Length, 1, MaxLength) ?? Problem.OfNumber(m.Offset, 0, m.Length)
            ?? Problem.OfPart(m.Data) ?? Problem.OfCount(m.Data.Length, MaxPart, "Data")
            ?? (m.Data.Length <= m.Length - m.Offset ? null : "Data goes beyond Length"),
        FetchPart m => OfHash(m.Hash) ?? Problem.OfNumber(m.Offset, 0, MaxLength),
        _ => throw new NotSupportedException($"{message.GetType().Name} has no rule: add it to {nameof(UploadRules)}."),
    };

    /// <summary>Returns the problem of a reply; null if it is valid.</summary>
    public static string? ProblemOf(IFromUploads message) => message switch
    {
        UploadReply m => Problem.OfNumber(m.Received, 0, MaxLength) ?? Problem.OfTextOrNull(m.Refusal, Problem.MaxMessage),
        FetchedPart m => Problem.OfNumber(m.Length, 1, MaxLength) ?? Problem.OfPart(m.Data) ?? Problem.OfCount(m.Data.Length, MaxPart, "Data"),
        _ => throw new NotSupportedException($"{message.GetType().Name} has no rule: add it to {nameof(UploadRules)}."),
    };

    private static string? OfHash(string? hash) => PackageUrl.IsHash(hash) ? null : $"Hash is not {PackageUrl.HashChars} hexadecimal digits in lower case";
}
