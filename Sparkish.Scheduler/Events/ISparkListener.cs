namespace Sparkish.Events;

/// <summary>Hears of what happens in an application, one event at a time, in order, on the bus's own task.</summary>
internal interface ISparkListener
{
    void OnEvent(SparkListenerEvent happened);
}
