namespace Sparkish.Events;

/// <summary>Receives the events of an application, one at a time, in order, on the bus's own task.</summary>
internal interface ISparkListener
{
    void OnEvent(SparkListenerEvent happened);
}
