namespace Sparkish.TestKit;

/// <summary>
/// What a test expected did not come, or something else did; the message tells what was expected and all that was seen. Fails a test of any framework.
/// </summary>
public sealed class TestKitException(string message, Exception? innerException = null) : Exception(message, innerException);
