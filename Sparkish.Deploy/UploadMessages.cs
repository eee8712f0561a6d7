namespace Sparkish.Deploy;

/// <summary>A message that the server of uploads receives; each master has one.</summary>
internal interface IToUploads;

/// <summary>A reply of the server of uploads.</summary>
internal interface IFromUploads;

// Submission clients to the server of uploads, asked

/// <summary>
/// The next part of a package; the reply is an <see cref="UploadReply"/>. A part at offset 0 restarts the upload. The reply is final if the server has the
/// package already.
/// </summary>
/// <param name="Hash">The SHA-256 of the package in hexadecimal digits.</param>
/// <param name="Length">The length of the package in bytes.</param>
/// <param name="Offset">The position of this part.</param>
/// <param name="Data">The bytes.</param>
internal sealed record UploadPart(string Hash, long Length, long Offset, byte[] Data) : IToUploads;

// Workers to the server of uploads, asked

/// <summary>Asks for the part of a package at an offset; the reply is a <see cref="FetchedPart"/>, or a failure if the server does not have it.</summary>
internal sealed record FetchPart(string Hash, long Offset) : IToUploads;

// The server of uploads to its askers

/// <param name="Received">The number of bytes that the server has; the length of the package once it is complete.</param>
/// <param name="Refusal">Why the server does not take the package; null if it does.</param>
internal sealed record UploadReply(long Received, string? Refusal) : IFromUploads;

/// <param name="Length">The length of the package in bytes.</param>
/// <param name="Data">The bytes at the offset.</param>
internal sealed record FetchedPart(long Length, byte[] Data) : IFromUploads;
